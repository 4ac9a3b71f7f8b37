// Prints every interval of a histogram log as one JSON line, as hdr-histogram-js reads it.
// usage: node read.mjs FILE
import { readFileSync } from "node:fs";
import hdr from "hdr-histogram-js";

// 64-bit counters: the default of 32 bits drops counts of 2^31 and more without a word.
const reader = new hdr.HistogramLogReader(readFileSync(process.argv[2], "utf8"), 64);
for (;;) {
  const h = reader.nextIntervalHistogram();
  if (h === null) break;
  const at = (p) => h.getValueAtPercentile(p);
  console.log(JSON.stringify({
    tag: h.tag, count: h.totalCount, min: h.minNonZeroValue, max: h.maxValue, mean: h.mean,
    start_ms: h.startTimeStampMsec, end_ms: h.endTimeStampMsec,
    p50: at(50), p90: at(90), p99: at(99), p999: at(99.9),
  }));
}
