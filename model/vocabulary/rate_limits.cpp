#include "model/vocabulary/rate_limits.h"

#include <array>

namespace model {
namespace {

struct Member {
  std::string_view procedures;  // the beginning of their names
  const RateClass* limit;
};

constexpr std::array kMembers{
    Member{"task.list", &kBrowseLimit},
    Member{"feed.", &kBrowseLimit},
    Member{"task.create", &kPostLimit},
    Member{"task.submitProof", &kProofLimit},
    Member{"proof.submit", &kProofLimit},
    Member{"proof.requestUpload", &kProofLimit},
    Member{"escrow.createIntent", &kPaymentLimit},
    Member{"escrow.release", &kPaymentLimit},
    Member{"escrow.refund", &kPaymentLimit},
    Member{"task.complete", &kPaymentLimit},
    Member{"escrow.", &kEscrowLimit},
    Member{"admin.", &kAdminLimit},
    Member{"dispute.resolve", &kAdminLimit},
    Member{"ai.", &kAiLimit},
    Member{"beta.", &kAuthLimit},
};

}  // namespace

std::vector<RateClass> rate_classes(const Procedure& procedure) {
  std::vector<RateClass> classes{kGeneralLimit};
  if (procedure.kind == Kind::mutation) classes.push_back(kMutationLimit);
  for (const Member& member : kMembers) {
    if (procedure.name.starts_with(member.procedures)) classes.push_back(*member.limit);
  }
  return classes;
}

}  // namespace model
