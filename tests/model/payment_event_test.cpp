// The processor and its webhook (state-machines.md §2, money.md §4, decision 6, INV-STRIPE-1).
#include <gtest/gtest.h>

#include <vector>

#include "model/judge/invariants.h"
#include "model/rules/books.h"
#include "tests/model/scenes.h"

namespace model {
namespace {

using enum Action;

constexpr EventId kEvent{5};  // a record that no scene uses

// Puts an unprocessed event of `type` about the escrow into the world, as if the processor had sent it.
World with_event(World world, EventType type) {
  world.events[kEvent.value] = {.exists = true, .type = type, .escrow = kEscrow};
  return world;
}

Command delivery(EventFlavour flavour = EventFlavour::genuine, EventId event = kEvent) {
  return {.action = webhook_deliver, .escrow = kEscrow, .event = event, .flavour = flavour};
}

Command delivery(EventType type, EventFlavour flavour = EventFlavour::genuine) {
  Command command = delivery(flavour);
  command.event_type = type;
  return command;
}

// Result matrix of §2, webhook rows, for every escrow state.
TEST(Webhook, DoesWhatTheMatrixSays) {
  struct Row {
    Scene scene;
    EscrowState before;
    EventType type;
    EscrowState after;
    bool applied;
  };
  using ES = EscrowState;
  using ET = EventType;
  const std::vector<Row> rows{
      {Scene::open_pending, ES::pending, ET::payment_succeeded, ES::funded, true},  // E1
      {Scene::open_funded, ES::funded, ET::payment_succeeded, ES::funded, false},
      {Scene::disputed, ES::locked_dispute, ET::payment_succeeded, ES::locked_dispute, false},
      {Scene::completed, ES::released, ET::payment_succeeded, ES::released, false},
      {Scene::cancelled_assigned, ES::refunded, ET::payment_succeeded, ES::refunded, false},  // funded before
      {Scene::open_refunded, ES::refunded, ET::payment_succeeded, ES::refunded, true},  // a late capture
      {Scene::cancelled_split, ES::refund_partial, ET::payment_succeeded, ES::refund_partial, false},
      {Scene::open_pending, ES::pending, ET::payment_canceled, ES::refunded, true},  // E2
      {Scene::open_funded, ES::funded, ET::payment_canceled, ES::funded, false},
      {Scene::disputed, ES::locked_dispute, ET::payment_canceled, ES::locked_dispute, false},
      {Scene::completed, ES::released, ET::payment_canceled, ES::released, false},
      {Scene::cancelled_assigned, ES::refunded, ET::payment_canceled, ES::refunded, false},
      {Scene::cancelled_split, ES::refund_partial, ET::payment_canceled, ES::refund_partial, false},
      {Scene::open_pending, ES::pending, ET::transfer_created, ES::pending, false},
      {Scene::open_funded, ES::funded, ET::transfer_created, ES::funded, true},
      {Scene::disputed, ES::locked_dispute, ET::transfer_created, ES::locked_dispute, true},
      {Scene::completed, ES::released, ET::transfer_created, ES::released, true},
      {Scene::cancelled_assigned, ES::refunded, ET::transfer_created, ES::refunded, false},
      {Scene::cancelled_split, ES::refund_partial, ET::transfer_created, ES::refund_partial, true},
      {Scene::open_pending, ES::pending, ET::payment_failed, ES::pending, false},
      {Scene::open_funded, ES::funded, ET::payment_failed, ES::funded, false},
      {Scene::completed, ES::released, ET::payment_failed, ES::released, false},
      {Scene::open_pending, ES::pending, ET::transfer_failed, ES::pending, false},
      {Scene::open_funded, ES::funded, ET::transfer_failed, ES::funded, false},
      {Scene::completed, ES::released, ET::transfer_failed, ES::released, true},
      {Scene::cancelled_split, ES::refund_partial, ET::transfer_failed, ES::refund_partial, true},
      {Scene::open_pending, ES::pending, ET::unknown_type, ES::pending, false},
      {Scene::open_funded, ES::funded, ET::unknown_type, ES::funded, false},
      {Scene::completed, ES::released, ET::unknown_type, ES::released, false},
  };
  for (const Row& row : rows) {
    World world = with_event(world_in(row.scene), row.type);
    const World before = world;
    const Escrow& escrow = world.escrows[kEscrow.value];
    ASSERT_EQ(escrow.state, row.before);
    must(world, delivery(row.type));
    EXPECT_EQ(name(escrow.state), name(row.after)) << name(row.type) << " in " << name(row.before);
    EXPECT_EQ(world.events[kEvent.value].applied, row.applied)
        << name(row.type) << " in " << name(row.before);
    EXPECT_TRUE(world.events[kEvent.value].processed);
    EXPECT_EQ(world.tasks, before.tasks);
    EXPECT_EQ(escrow.transfer_recorded, row.type == ET::transfer_created && row.applied);
    if (!row.applied)
      EXPECT_EQ(world.escrows, before.escrows) << name(row.type) << " in " << name(row.before);
  }
}

// INV-STRIPE-1: the second delivery of one event is acknowledged and changes nothing, in whatever state.
TEST(Webhook, TakesEffectAtMostOncePerEvent) {
  World world = empty_world();
  must(world, task_create, kPoster);
  fund(world);
  Command again = delivery(EventFlavour::genuine, EventId{0});
  for (const Action step : {task_accept, task_submit_proof, dispute_create}) {
    const World before = world;
    must(world, again);
    EXPECT_EQ(world, before);
    must(world, step, kWorker);
  }
}

// money.md §4: forged, missing, stale, future signatures and changed bodies are refused with 400 and leave no
// trace.
TEST(Webhook, RefusesEveryBadSignature) {
  for (const EventFlavour flavour :
       {EventFlavour::forged_signature, EventFlavour::no_signature, EventFlavour::stale, EventFlavour::future,
        EventFlavour::tampered_body}) {
    for (const EventType type :
         {EventType::payment_succeeded, EventType::payment_canceled, EventType::unknown_type}) {
      World world = with_event(world_in(Scene::open_pending), type);
      const World before = world;
      EXPECT_EQ(apply(world, delivery(type, flavour), kStart), Outcome::refused(Code::bad_signature))
          << name(flavour);
      EXPECT_EQ(world, before);
      must(world, delivery(type));  // the genuine one still counts
      EXPECT_NE(world, before);
    }
  }
}

// "Checks before funding: amount and currency equal, intent id equals the stored one."
TEST(Webhook, AcknowledgesWrongContentWithoutEffect) {
  for (const EventFlavour flavour :
       {EventFlavour::wrong_amount, EventFlavour::wrong_currency, EventFlavour::foreign_intent}) {
    World world = with_event(world_in(Scene::open_pending), EventType::payment_succeeded);
    const World before = world;
    must(world, delivery(flavour));
    EXPECT_EQ(world, before) << name(flavour);
    must(world, delivery());
    EXPECT_EQ(world.escrows[kEscrow.value].state, EscrowState::funded);
  }
}

// Decision 6: paid at the processor, cancelled here, then the event arrives: states stay, the capture goes
// back.
TEST(Webhook, RefundsALateCaptureAndKeepsTheStates) {
  World world = empty_world();
  must(world, task_create, kPoster);
  must(world, escrow_create_intent, kPoster);
  const Command pay = ask(world, processor_pay);
  must(world, pay);
  must(world, task_cancel, kPoster);
  EXPECT_EQ(books_of(world, kEscrow), (Books{.captured = 5000, .held = 5000}));
  Command deliver = pay;
  deliver.action = webhook_deliver;
  must(world, deliver);
  EXPECT_EQ(name(world.tasks[kTask.value].state), "CANCELLED");
  EXPECT_EQ(name(world.escrows[kEscrow.value].state), "REFUNDED");
  EXPECT_TRUE(world.escrows[kEscrow.value].late_capture_refund);
  EXPECT_EQ(books_of(world, kEscrow), (Books{.captured = 5000, .refunded = 5000}));
  const World before = world;
  must(world, deliver);
  EXPECT_EQ(world, before);
  EXPECT_TRUE(broken_invariants(world).empty());
}

// The processor: one payment per intent, none without an intent, none after it was given up.
TEST(Processor, PaysAnIntentOnce) {
  World world = empty_world();
  EXPECT_EQ(verdict(apply(world, ask(world, processor_pay), kStart)), "NOT_FOUND");
  must(world, task_create, kPoster);
  EXPECT_EQ(verdict(apply(world, ask(world, processor_pay), kStart)), "NOT_FOUND");
  must(world, escrow_create_intent, kPoster);
  EXPECT_EQ(must(world, escrow_create_intent, kPoster).amount, 5000);  // a repeat returns the same intent
  must(world, processor_pay);
  EXPECT_EQ(verdict(apply(world, ask(world, processor_pay), kStart)), "CONFLICT");
  EXPECT_EQ(verdict(apply(world, ask(world, processor_cancel_intent), kStart)), "CONFLICT");
  World other = world_in(Scene::open_refunded);
  EXPECT_EQ(verdict(apply(other, ask(other, processor_pay), kStart)), "CONFLICT");
}

// money.md §2 step 6: a transfer's event exists once money went to the worker, and needs no processor action.
TEST(Processor, SendsATransferEventOnceMoneyWentOut) {
  for (const Scene scene :
       {Scene::open_funded, Scene::disputed, Scene::cancelled_assigned, Scene::cancelled_unassigned}) {
    World world = world_in(scene);
    Command command = delivery();
    command.event_type = EventType::transfer_created;
    EXPECT_EQ(verdict(apply(world, command, kStart)), "NOT_FOUND");
  }
  for (const Scene scene : {Scene::completed, Scene::cancelled_split, Scene::completed_by_dispute}) {
    World world = world_in(scene);
    Command command = delivery();
    command.event_type = EventType::transfer_created;
    must(world, command);
    EXPECT_TRUE(world.escrows[kEscrow.value].transfer_recorded);
  }
  World unpayable = world_in(Scene::completed);  // decision 5: RELEASED, but the payout waits
  unpayable.users[kWorker.value].has_payout_account = false;
  Command command = delivery();
  command.event_type = EventType::transfer_created;
  EXPECT_EQ(verdict(apply(unpayable, command, kStart)), "NOT_FOUND");
  EXPECT_EQ(books_of(unpayable, kEscrow), (Books{.captured = 5000, .fee = 750, .held = 4250}));
}

// A card may be declined as long as the intent waits for money; the poster may then try another.
TEST(Processor, DeclinesACardAsLongAsTheIntentIsUnpaid) {
  Command declined = delivery();
  declined.event_type = EventType::payment_failed;
  World world = empty_world();
  must(world, task_create, kPoster);
  EXPECT_EQ(verdict(apply(world, declined, kStart)), "NOT_FOUND");
  must(world, escrow_create_intent, kPoster);
  must(world, declined);
  EXPECT_EQ(name(world.escrows[kEscrow.value].state), "PENDING");
  must(world, processor_pay);
  declined.event = EventId{4};
  EXPECT_EQ(verdict(apply(world, declined, kStart)), "NOT_FOUND");
}

// money.md §4: a transfer that failed leaves the states alone, and the next transfer's event counts again.
TEST(Webhook, FailedTransferLeavesTheStates) {
  World world = world_in(Scene::completed);
  const World before = world;
  Command failed = delivery();
  failed.event_type = EventType::transfer_failed;
  must(world, failed);
  EXPECT_EQ(world.tasks, before.tasks);
  EXPECT_EQ(name(world.escrows[kEscrow.value].state), "RELEASED");
  EXPECT_FALSE(world.escrows[kEscrow.value].transfer_recorded);
  Command created = delivery(EventFlavour::genuine, EventId{4});
  created.event_type = EventType::transfer_created;
  must(world, created);
  EXPECT_TRUE(world.escrows[kEscrow.value].transfer_recorded);
}

// An event of an unknown type is made up for its delivery; a payment event that nothing brought about is not
// there.
TEST(Webhook, NeedsAnEventToDeliver) {
  World world = world_in(Scene::open_pending);
  EXPECT_EQ(verdict(apply(world, delivery(), kStart)), "NOT_FOUND");
  Command unknown = delivery();
  unknown.event_type = EventType::unknown_type;
  must(world, unknown);
  EXPECT_TRUE(world.events[kEvent.value].processed);
  EXPECT_EQ(world.escrows[kEscrow.value].state, EscrowState::pending);
}

// E2 in the background: whether the processor still takes the payment is its word, which apply_observed
// follows.
TEST(Processor, HasTheLastWordAfterAnUnpaidTaskEnded) {
  World world = empty_world();
  must(world, task_create, kPoster);
  must(world, escrow_create_intent, kPoster);
  const Outcome refused = Outcome::refused(Code::conflict);
  EXPECT_EQ(verdict(apply_observed(world, ask(world, processor_pay), kStart, refused)),
            "ok");  // no reason to refuse
  world = empty_world();
  must(world, task_create, kPoster);
  must(world, escrow_create_intent, kPoster);
  must(world, task_cancel, kPoster);
  const World ended = world;
  EXPECT_EQ(apply_observed(world, ask(world, processor_pay), kStart, refused), refused);
  EXPECT_EQ(world, ended);
  EXPECT_EQ(apply_observed(world, ask(world, processor_pay), kStart, Outcome::accepted()),
            Outcome::accepted());
  EXPECT_TRUE(world.escrows[kEscrow.value].captured);
}

// Seed 307 of the default gate: the outbox gave the intent up before the plan's own cancelIntent, which was
// then refused, and the event of that cancellation was delivered with a bad signature.
TEST(Processor, ARefusedCancellationLeavesTheServersEventToDeliver) {
  World world = empty_world();
  must(world, task_create, kPoster);
  must(world, escrow_create_intent, kPoster);
  must(world, task_cancel, kPoster);
  const Outcome refused = Outcome::refused(Code::conflict);
  Command cancel = ask(world, processor_cancel_intent);
  cancel.event = kEvent;
  EXPECT_EQ(apply_observed(world, cancel, kStart, refused), refused);
  EXPECT_TRUE(world.escrows[kEscrow.value].intent_canceled);
  Command forged = delivery();
  forged.event_type = EventType::payment_canceled;
  forged.flavour = EventFlavour::forged_signature;
  EXPECT_EQ(verdict(apply(world, forged, kStart)), "BAD_SIGNATURE");
  forged.flavour = EventFlavour::genuine;
  must(world, forged);
}

// Seed 3 of the default gate: the same, but the plan believed in its payment and delivered a succeeded event.
TEST(Processor, WhereTheServerCancelledNoSucceededEventCanBeDelivered) {
  World world = empty_world();
  must(world, task_create, kPoster);
  must(world, escrow_create_intent, kPoster);
  must(world, task_cancel, kPoster);
  Command cancel = ask(world, processor_cancel_intent);
  cancel.event = kEvent;
  apply_observed(world, cancel, kStart, Outcome::refused(Code::conflict));
  Command succeeded = delivery();
  succeeded.event_type = EventType::payment_succeeded;
  EXPECT_EQ(verdict(apply(world, succeeded, kStart)), "NOT_FOUND");
}

}  // namespace
}  // namespace model
