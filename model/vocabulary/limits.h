// Every number of the money core with the rule it comes from. Numbers only: what to do with them is decided
// twice, by model/rules and by the reference server.
#pragma once

#include "model/vocabulary/cents.h"
#include "model/vocabulary/instant.h"

namespace model::limits {

inline constexpr Cents kMinPriceStandard = 500;             // money.md §1
inline constexpr Cents kMinPriceLive = 1500;                // LIVE-2
inline constexpr Cents kMaxPrice = 100'000'000;             // safety-and-abuse.md §4, payload limits
inline constexpr int kFeePercent = 15;                      // money.md §1
inline constexpr int kTitleMax = 255;                       // decision 8
inline constexpr int kDescriptionMax = 5000;                // decision 8
inline constexpr int kRequirementsMax = 2000;               // api.md §1.1
inline constexpr int kLocationMax = 255;                    // api.md §1.1
inline constexpr int kCategoryMax = 50;                     // api.md §1.10
inline constexpr int kProofDescriptionMax = 2000;           // T3
inline constexpr int kPhotosMin = 1;                        // PROOF-PHOTO-2
inline constexpr int kPhotosMax = 5;                        // PROOF-PHOTO-1
inline constexpr int kPhotoKeyMax = 500;                    // schema.md proof_photos.storage_key
inline constexpr std::int64_t kPhotoBytesMax = 10'485'760;  // proof-and-gps.md §3
inline constexpr Millis kUploadLifetime = 600 * kSecond;    // §3
inline constexpr Millis kCaptureAgeMax = 300 * kSecond;     // PRF-8, GPS-6
inline constexpr Millis kCaptureSkew = 60 * kSecond;        // PRF-8, GPS-6
inline constexpr double kEarthRadiusM = 6'371'000;          // GPS-5
inline constexpr int kAccuracyMaxM = 10'000;                // GPS-2
inline constexpr int kAccuracyRefusedM = 100;               // GPS-3
inline constexpr int kAccuracyPoorM = 50;
inline constexpr int kDistanceNearM = 100;  // GPS-5
inline constexpr int kDistanceMaxM = 500;
inline constexpr int kSpeedHighKmh = 100;  // proof-and-gps.md §5.4
inline constexpr int kSpeedCriticalKmh = 200;
inline constexpr int kRepeatedFixes = 3;          // §5.6 names no N
inline constexpr int kRejectionReasonMax = 1000;  // P3
inline constexpr int kCancelReasonMax = 500;      // api.md §1.1
inline constexpr int kDisputeTextMax = 2000;      // api.md §1.5
inline constexpr int kNotesMax = 2000;            // dispute.resolve notes; the spec names no maximum
inline constexpr int kSplitPercentMin = 1;        // money.md §3
inline constexpr int kSplitPercentMax = 99;
inline constexpr int kProofAttemptsMax = 3;                 // decision 9
inline constexpr Millis kReviewWindow = 48 * kHour;         // decisions 3 and 4
inline constexpr Millis kWebhookTolerance = 300 * kSecond;  // money.md §4
inline constexpr Millis kExpiryJobPeriod = 5 * kMinute;     // state-machines.md §7
inline constexpr Millis kReviewJobPeriod = 15 * kMinute;
inline constexpr Millis kTransferRetryPeriod = 5 * kMinute;
inline constexpr Millis kVerificationJobPeriod = kHour;  // eligibility.md §5.4
inline constexpr int kTransferAttemptsMax = 5;           // C-M10
inline constexpr Millis kGrace = 60 * kSecond;           // invariants.md §9
inline constexpr Millis kStreakGrace = 24 * kHour;       // money.md §5
inline constexpr std::size_t kBodyMax = 1 << 20;         // api.md §0
inline constexpr int kJsonDepthMax = 32;                 // safety-and-abuse.md §4
inline constexpr int kBatchMax = 50;                     // the spec names no maximum
inline constexpr int kListLimitMax = 100;                // api.md §1.1
inline constexpr int kListLimitDefault = 20;
inline constexpr int kDocumentsMax = 10;        // of one verification; the spec names no maximum
inline constexpr int kFeedRadiusMaxMiles = 50;  // eligibility.md §8
inline constexpr int kFeedCursorMax = 200;
inline constexpr Millis kUrgentAge = 30 * kMinute;     // eligibility.md §8: younger than
inline constexpr Millis kImmediateWithin = 2 * kHour;  // eligibility.md §6.1
inline constexpr int kXpLimitDefault = 10;             // api.md §1.4
inline constexpr int kAdminReasonMin = 10;             // SAF-21
inline constexpr int kAdminReasonMax = 500;
inline constexpr int kIdempotencyKeyMax = 255;      // safety-and-abuse.md §4
inline constexpr Cents kOverrideAloneMax = 50'000;  // SAF-21: above it two admins
inline constexpr Millis kApprovalLifetime = 24 * kHour;
inline constexpr int kRiskAcceptMax = 70;  // ELG-16, in hundredths
inline constexpr int kSourceEventMax = 255;
inline constexpr int kInviteCodeMax = 64;
inline constexpr int kDeviceIdMax = 128;
inline constexpr int kPoolConnections = 20;  // state-machines.md §7
inline constexpr Millis kPoolConnectTimeout = 30 * kSecond;
inline constexpr Millis kPoolIdle = 10 * kSecond;
inline constexpr Millis kShutdownGrace = 30 * kSecond;

}  // namespace model::limits
