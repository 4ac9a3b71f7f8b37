#include "loadgen/curl_photos.h"

#include <fmt/format.h>

#include "loadgen/uploads.h"
#include "net/sign.h"
#include "sim/photos.h"

namespace loadgen {

namespace {

constexpr std::string_view kEpoch = "1970:01:01 00:00:00";  // how EXIF writes it
constexpr std::size_t kNonce = 36;                          // characters, as many as a UUID has

constexpr std::string_view kFunctions = R"sh(
photo() {  # file captured(seconds; empty: without EXIF) nonce(36 characters): a small picture
  {
    if [ -n "$2" ]; then
      base64 -d <<<"$DATED_HEAD"; printf %s "$(date -u -d "@$2" '+%Y:%m:%d %H:%M:%S')"; base64 -d <<<"$DATED_MIDDLE"
    else
      base64 -d <<<"$BARE_HEAD"
    fi
    printf %s "$3"; base64 -d <<<"$PHOTO_TAIL"
  } >"$1"
}
upload() {  # number token task now(ms) trick age(s) picture kinds…: photos in the store, keys in KEY_number_0, …
  local number=$1 token=$2 task=$3 now=$4 trick=$5 age=$6 picture=$7 at=0 files='' seconds kind file nonce answer place
  shift 7
  seconds=$((now / 1000))
  [ -n "$CLOCK" ] || seconds=$(date +%s)
  for kind in "$@"; do
    file="$work/photo$number.$at" nonce=$(uuid)
    if [ "$at" = 0 ] && [ -n "$picture" ]; then
      photo "$file" '' "$(printf '%.28s/pic%4s' "$run" "$picture")"
    else
      photo "$file" $((seconds - age)) "$nonce"
    fi
    case $trick$at in
      same_twice1) cp "$work/photo$number.0" "$file" ;;
      wrong_magic0) printf MZ | cat - "$file" >"$file.new"; mv "$file.new" "$file" ;;
      truncated0) truncate -s 20 "$file" ;;
    esac
    files+="${files:+,}{\"photo_type\":\"$kind\",\"content_type\":\"image/jpeg\",\"size_bytes\":$(stat -c %s "$file"),"
    files+="\"checksum_sha256\":\"$(sha256sum "$file" | cut -c1-64)\"}"
    [ "$trick$at" != other_bytes0 ] || printf X | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") - 4)) conv=notrunc status=none
    at=$((at + 1))
  done
  answer=$(curl -sS -X POST "$TARGET/trpc/proof.requestUpload" -H "authorization: Bearer $token" ${CLOCK:+-H "x-hustle-now: $now"} \
    -H 'content-type: application/json' -d "{\"task_id\":\"$task\",\"files\":[$files]}")
  for ((at = 0; at < $#; ++at)); do
    printf -v "KEY_${number}_$at" %s "$(jq -r ".result.data.uploads[$at].key // \"proofs/$(uuid)\"" <<<"$answer")"
    place=$(jq -r ".result.data.uploads[$at].url // empty" <<<"$answer")
    if [ -z "$place" ] || [ "$trick$at" = not_uploaded0 ]; then continue; fi
    curl -sS -o /dev/null -X PUT "$place" -H 'content-type: image/jpeg' -H 'if-none-match: *' --data-binary "@$work/photo$number.$at"
  done
  case $trick in
    not_issued | foreign_receipt) printf -v "KEY_${number}_0" %s "proofs/$(uuid)" ;;
    raw_url) printf -v "KEY_${number}_0" %s http://169.254.169.254/latest/meta-data ;;
    used_receipt) place=USED_${task//-/_}; printf -v "KEY_${number}_0" %s "${!place-proofs/$(uuid)}" ;;
  esac
}
used() {  # number task: its first photo belongs to a proof now
  local key=KEY_$1_0
  [ -z "$(jq -r '.result.data.proof.id // empty' "$work/$1" 2>/dev/null)" ] || printf -v "USED_${2//-/_}" %s "${!key}"
}
)sh";

// A picture in three pieces around its capture time and its nonce.
struct Pieces {
  std::string head, middle, tail;
};
Pieces pieces_of(const std::string& photo, std::string_view time) {
  const std::string nonce(kNonce, 'n');
  const auto at = photo.find(nonce);
  const auto dated = time.empty() ? 0 : photo.find(time);
  return {photo.substr(0, time.empty() ? at : dated),
          time.empty() ? "" : photo.substr(dated + time.size(), at - dated - time.size()),
          photo.substr(at + kNonce)};
}

}  // namespace

std::string photo_functions() {
  const std::string nonce(kNonce, 'n');
  const Pieces dated = pieces_of(sim::jpeg_photo({.nonce = nonce, .captured = model::Instant{0}}), kEpoch);
  const Pieces bare = pieces_of(sim::jpeg_photo({.nonce = nonce}), "");
  return fmt::format("DATED_HEAD={}\nDATED_MIDDLE={}\nBARE_HEAD={}\nPHOTO_TAIL={}", net::base64(dated.head),
                     net::base64(dated.middle), net::base64(bare.head), net::base64(bare.tail)) +
         std::string(kFunctions);
}

std::string photo_upload(const model::Command& command, model::Instant now, std::size_t number) {
  std::string kinds;
  for (const std::string_view kind : photo_kinds_of(command)) kinds += fmt::format(" {}", kind);
  const std::string picture =
      command.picture.present() ? std::to_string(command.picture.value) : std::string("''");
  return fmt::format("upload {} \"$TOKEN_{}\" \"$TASK_{}\" {} {} {} {}{}\n", number, command.actor.value,
                     command.task.value, now.ms, name(command.trick), command.photo_age_s, picture, kinds);
}

std::string photo_memory(const model::Command& command, std::size_t number) {
  return fmt::format("used {} \"$TASK_{}\"\n", number, command.task.value);
}

}  // namespace loadgen
