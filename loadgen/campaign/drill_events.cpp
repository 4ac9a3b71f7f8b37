#include <fmt/format.h>

#include "loadgen/campaign/drill_builder.h"

namespace loadgen::drill {

using model::Action;
using model::Command;
using model::EventFlavour;
using model::EventType;

void add_webhooks(std::vector<Drill>& drills, model::Instant start) {
  Builder b("bad webhooks", "", start);
  b.paid();
  for (const bool funded : {false, true}) {
    if (funded) b.then(Action::webhook_deliver);
    for (std::size_t f = 1; f < model::kEventFlavourNames.size(); ++f) {
      Command c = b.command(Action::webhook_deliver);
      c.flavour = static_cast<EventFlavour>(f);
      b.then(c);
    }
  }
  Command unknown = b.command(Action::webhook_deliver);
  unknown.event = model::EventId{1};
  unknown.event_type = model::EventType::unknown_type;
  b.then(unknown).then(unknown).read();
  drills.push_back(b.done());
}

// A signed event about other money, looked at while nothing else has happened to the PENDING escrow.
void add_wrong_content(std::vector<Drill>& drills, model::Instant start) {
  for (const EventFlavour flavour :
       {EventFlavour::wrong_amount, EventFlavour::wrong_currency, EventFlavour::foreign_intent}) {
    Builder b("bad webhooks", fmt::format("{} before the payment", name(flavour)), start, 1999);
    Command wrong = b.paid().command(Action::webhook_deliver);
    wrong.flavour = flavour;
    b.then(wrong).read().then(Action::task_accept, kWorker);
    b.together({wrong, wrong}).then(Action::task_accept, kWorker).then(Action::escrow_refund, kPoster);
    b.then(Action::webhook_deliver).then(wrong).read().then(Action::task_accept, kWorker);
    drills.push_back(b.read().done());
  }
}

// money.md §4: a declined card is news; the poster may take another, and only that one funds the escrow.
void add_declined_cards(std::vector<Drill>& drills, model::Instant start) {
  Builder b("declined card", "", start, 2345);
  b.then(Action::task_create, kPoster).then(Action::escrow_create_intent, kPoster);
  Command declined = b.command(Action::webhook_deliver);
  declined.event_type = EventType::payment_failed;
  declined.event = model::EventId{1};
  b.then(declined).then(declined).read().then(Action::task_accept, kWorker);
  declined.event = model::EventId{2};
  b.then(declined).then(Action::processor_pay).then(Action::webhook_deliver).then(declined);
  b.read().then(Action::task_accept, kWorker);
  drills.push_back(b.read().done());
}

// money.md §4: the money of a transfer comes back, the payout waits, and is made again once.
void add_failed_transfers(std::vector<Drill>& drills, model::Instant start) {
  for (const bool split : {false, true}) {
    Builder b("failed transfer", split ? "split" : "release", start, 4321);
    split ? b.disputed().then(resolve(b, model::Resolution::split, 50))
          : b.reviewed().then(Action::task_complete, kPoster);
    Command failed = b.command(Action::webhook_deliver);
    failed.event_type = EventType::transfer_failed;
    failed.event = model::EventId{1};
    b.then(failed).then(failed).read();
    b.then(Action::job_transfer_retry).later(model::kHour).then(Action::job_transfer_retry);
    Command created = failed;
    created.event_type = EventType::transfer_created;
    created.event = model::EventId{2};
    drills.push_back(b.then(created).then(failed).read().done());
  }
}

// C-M10: five attempts, the last a day after the one before; what then fails is for a human.
void add_exhausted_transfers(std::vector<Drill>& drills, model::Instant start) {
  constexpr int kAttempts = 5;
  for (const int failures : {kAttempts - 1, kAttempts}) {
    Builder b("failed transfer", fmt::format("{} times", failures), start, 3210);
    b.reviewed().then(Action::task_complete, kPoster);
    for (int i = 1; i <= failures; ++i) {
      b.extra_event();
      Command failed = b.command(Action::webhook_deliver);
      failed.event_type = EventType::transfer_failed;
      b.then(failed).later(model::kDay).then(Action::job_transfer_retry);
    }
    if (failures < kAttempts) {
      b.extra_event();
      Command created = b.command(Action::webhook_deliver);
      created.event_type = EventType::transfer_created;
      b.then(created);
    }
    drills.push_back(b.read().done());
  }
}

}  // namespace loadgen::drill
