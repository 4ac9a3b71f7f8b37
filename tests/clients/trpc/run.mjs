// Usage: node run.mjs lifecycle|failures|override, with HUSTLE_TARGET, HUSTLE_PROVIDERS, HUSTLE_WORKER, HUSTLE_ADMIN and
// HUSTLE_WEBHOOK_SECRET set. Exits 1 with the first check that fails.
import { failures } from './failures.mjs';
import { lifecycle } from './lifecycle.mjs';
import { override } from './override.mjs';
import { checked } from './stage.mjs';

const scenes = { lifecycle, failures, override };
try {
  await scenes[process.argv[2]]();
  console.log(`${process.argv[2]}: ${checked()} checks hold`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
