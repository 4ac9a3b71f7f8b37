#include "model/judge/footprint.h"

namespace model {
namespace {

template <class Id, class Entity>
bool inside(Id id, const std::vector<Entity>& entities) {
  return id.present() && id.value < entities.size();
}

template <class Ids, class Entity, class Saved>
void copy_out(const Ids& ids, const std::vector<Entity>& from, Saved& to) {
  std::size_t i = 0;
  for (const auto id : ids) to[i++] = from[id.value];
}

template <class Ids, class Entity, class Saved>
void copy_in(const Ids& ids, const Saved& from, std::vector<Entity>& to) {
  std::size_t i = 0;
  for (const auto id : ids) to[id.value] = from[i++];
}

template <class Ids, class Entity, class Saved>
bool same(const Ids& ids, const Saved& saved, const std::vector<Entity>& now) {
  std::size_t i = 0;
  for (const auto id : ids) {
    if (!(saved[i++] == now[id.value])) return false;
  }
  return true;
}

}  // namespace

Footprint footprint_of(const World& world, const Command& command) {
  Footprint f;
  const auto add_user = [&](UserId user) {
    if (inside(user, world.users)) f.users.add(user);
  };
  const auto add_proof = [&](ProofId proof) {
    if (inside(proof, world.proofs)) f.proofs.add(proof);
  };
  const auto add_dispute = [&](DisputeId dispute) {
    if (inside(dispute, world.disputes)) f.disputes.add(dispute);
  };
  const auto add_task = [&](TaskId task) {
    if (!inside(task, world.tasks)) return;
    f.tasks.add(task);
    const Task& t = world.tasks[task.value];
    add_user(t.poster);
    add_user(t.worker);
    add_proof(t.latest_proof);
    add_dispute(t.open_dispute);
    add_dispute(t.latest_dispute);
  };
  add_user(command.actor);
  add_user(command.user);
  add_task(command.task);
  add_task(task_of(command.escrow));
  add_proof(command.proof);
  add_dispute(command.dispute);
  if (inside(command.proof, world.proofs)) add_task(world.proofs[command.proof.value].task);
  if (inside(command.dispute, world.disputes)) add_task(world.disputes[command.dispute.value].task);
  if (inside(command.verification, world.verifications)) {
    f.verifications.add(command.verification);
    add_user(world.verifications[command.verification.value].user);
  }
  if (inside(command.event, world.events)) {
    f.events.add(command.event);
    add_task(task_of(world.events[command.event.value].escrow));
  }
  if (inside(command.picture, world.pictures)) f.pictures.add(command.picture);
  return f;
}

void Undo::save(const World& world, const Footprint& footprint) {
  footprint_ = footprint;
  copy_out(footprint.tasks, world.tasks, tasks_);
  copy_out(footprint.tasks, world.escrows, escrows_);
  copy_out(footprint.proofs, world.proofs, proofs_);
  copy_out(footprint.disputes, world.disputes, disputes_);
  copy_out(footprint.events, world.events, events_);
  copy_out(footprint.pictures, world.pictures, pictures_);
  copy_out(footprint.users, world.users, users_);
  copy_out(footprint.verifications, world.verifications, verifications_);
}

void Undo::restore(World& world) const {
  copy_in(footprint_.tasks, tasks_, world.tasks);
  copy_in(footprint_.tasks, escrows_, world.escrows);
  copy_in(footprint_.proofs, proofs_, world.proofs);
  copy_in(footprint_.disputes, disputes_, world.disputes);
  copy_in(footprint_.events, events_, world.events);
  copy_in(footprint_.pictures, pictures_, world.pictures);
  copy_in(footprint_.users, users_, world.users);
  copy_in(footprint_.verifications, verifications_, world.verifications);
}

bool Undo::changed(const World& world, const std::vector<bool>& users_matter) const {
  std::size_t i = 0;
  for (const UserId user : footprint_.users) {
    if (users_matter[user.value] && !(users_[i] == world.users[user.value])) return true;
    ++i;
  }
  return !same(footprint_.tasks, tasks_, world.tasks) || !same(footprint_.tasks, escrows_, world.escrows) ||
         !same(footprint_.proofs, proofs_, world.proofs) ||
         !same(footprint_.disputes, disputes_, world.disputes) ||
         !same(footprint_.events, events_, world.events) ||
         !same(footprint_.verifications, verifications_, world.verifications);
}

}  // namespace model
