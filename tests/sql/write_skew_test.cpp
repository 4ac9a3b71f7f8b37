// Rules that span two rows, under READ COMMITTED: two transactions, each legal by itself, statement by
// statement in both orders, the first committed or rolled back. The second waits for the first and is judged
// by what the first left.
#include <fmt/format.h>

#include <functional>
#include <vector>

#include "tests/sql/database_fixture.h"
#include "tests/sql/session.h"

namespace sql_test {
namespace {

struct Pair {
  std::string left, right;              // the two statements
  std::string left_alone, right_alone;  // SQLSTATE when the other never happened
  std::string left_after_right, right_after_left;
};

class WriteSkew : public SqlTest {
 protected:
  using Make = std::function<Pair()>;

  WriteSkew() : first_(database_url()), second_(database_url()), watcher_(database_url()) {}

  // `end` is what the first transaction does after both statements are under way.
  void interleave(const std::string& first, const std::string& second, const std::string& first_alone,
                  const std::string& second_expected, const std::string& end) {
    SCOPED_TRACE(first + "  ||  " + second + "  " + end);
    ASSERT_EQ(first_.run("BEGIN"), "");
    ASSERT_EQ(second_.run("BEGIN"), "");
    EXPECT_EQ(first_.run(first), first_alone);
    second_.start(second);
    const bool waited = waits_for_lock(second_, watcher_);
    EXPECT_EQ(waited, first_alone.empty()) << "the second statement must wait for the first transaction";
    EXPECT_EQ(first_.run(end), "");
    const std::string got = second_.finish();
    EXPECT_EQ(got, second_expected);
    EXPECT_EQ(second_.run(got.empty() ? "COMMIT" : "ROLLBACK"), "");
  }

  void both_ways(const Make& make) {
    Pair p = make();
    interleave(p.left, p.right, p.left_alone, p.left_alone.empty() ? p.right_after_left : p.right_alone,
               "COMMIT");
    p = make();
    interleave(p.right, p.left, p.right_alone, p.right_alone.empty() ? p.left_after_right : p.left_alone,
               "COMMIT");
    p = make();
    interleave(p.left, p.right, p.left_alone, p.right_alone, "ROLLBACK");
    p = make();
    interleave(p.right, p.left, p.right_alone, p.left_alone, "ROLLBACK");
  }

  // Both statements at the same moment, each a transaction of its own; crossing locks may end one as a
  // deadlock.
  void storm(int rounds, const std::function<Job()>& make, const std::function<std::string(const Job&)>& left,
             const std::function<std::string(const Job&)>& right, const std::string& illegal) {
    for (int round = 0; round < rounds; ++round) {
      const Job job = make();
      const std::string one = left(job);
      const std::string two = right(job);
      first_.start(round % 2 == 0 ? one : two);
      second_.start(round % 2 == 0 ? two : one);
      const std::string a = first_.finish();
      const std::string b = second_.finish();
      EXPECT_EQ(a + b, "23514") << "one wins, one is refused: '" << a << "', '" << b << "'";
      EXPECT_EQ(value(fmt::format(
                    "SELECT 1 FROM tasks t JOIN escrows e ON e.task_id = t.id WHERE t.id = '{}' AND ({})",
                    job.task, illegal)),
                "")
          << one << " || " << two << ": " << a << ", " << b;
    }
  }

  static std::string accepting(const Job& job) {
    return fmt::format("UPDATE tasks SET state = 'ACCEPTED', worker_id = '{}' WHERE id = '{}'", job.worker,
                       job.task);
  }
  static std::string task_to(const Job& job, std::string_view state) {
    return update_state("tasks", job.task, state);
  }
  static std::string escrow_to(const Job& job, std::string_view state) {
    return update_state("escrows", job.escrow, state);
  }
  static std::string splitting(const Job& job) {
    return fmt::format(
        "UPDATE escrows SET state = 'REFUND_PARTIAL', refund_amount = 1, release_amount = 4999 "
        "WHERE id = '{}'",
        job.escrow);
  }
  Job funded() {
    Job job = new_job();
    fund(job);
    return job;
  }
  Job won_dispute() {
    Job job = job_in("DISPUTED");
    approve(job);
    return job;
  }
  Job approved() {
    Job job = job_in("PROOF_SUBMITTED");
    approve(job);
    return job;
  }

  Session first_, second_, watcher_;
};

TEST_F(WriteSkew, accept_and_refund) {
  both_ways([&] {
    const Job job = funded();
    return Pair{accepting(job), escrow_to(job, "REFUNDED"), "", "", "23514", "23514"};
  });
  storm(
      25, [&] { return funded(); }, accepting, [](const Job& job) { return escrow_to(job, "REFUNDED"); },
      "t.state = 'ACCEPTED' AND e.state = 'REFUNDED'");
}

TEST_F(WriteSkew, accept_and_the_payment) {
  both_ways([&] {
    const Job job = new_job();
    return Pair{accepting(job), escrow_to(job, "FUNDED"), "23514", "", "", ""};
  });
}

TEST_F(WriteSkew, complete_and_refund_of_a_disputed_task) {
  both_ways([&] {
    const Job job = won_dispute();
    return Pair{task_to(job, "COMPLETED"), escrow_to(job, "REFUNDED"), "", "", "23514", "23514"};
  });
  both_ways([&] {
    const Job job = won_dispute();
    return Pair{task_to(job, "COMPLETED"), splitting(job), "", "", "23514", "23514"};
  });
  storm(
      25, [&] { return won_dispute(); }, [](const Job& job) { return task_to(job, "COMPLETED"); },
      [](const Job& job) { return escrow_to(job, "REFUNDED"); },
      "t.state = 'COMPLETED' AND e.state = 'REFUNDED'");
}

TEST_F(WriteSkew, complete_and_lock) {
  both_ways([&] {
    const Job job = approved();
    return Pair{task_to(job, "COMPLETED"), escrow_to(job, "LOCKED_DISPUTE"), "", "", "", "23514"};
  });
}

TEST_F(WriteSkew, complete_and_release) {
  both_ways([&] {
    const Job job = approved();
    return Pair{task_to(job, "COMPLETED"), escrow_to(job, "RELEASED"), "", "HX201", "", ""};
  });
}

TEST_F(WriteSkew, release_and_experience) {
  both_ways([&] {
    const Job job = completed_job();
    return Pair{escrow_to(job, "RELEASED"), insert_xp(job, job.worker, job.task), "", "HX101", "", ""};
  });
  both_ways([&] {
    const Job job = released_job();
    const std::string award = insert_xp(job, job.worker, job.task);
    return Pair{award, award, "", "", "23505", "23505"};
  });
}

TEST_F(WriteSkew, complete_and_dispute) {
  both_ways([&] {
    const Job job = approved();
    return Pair{task_to(job, "COMPLETED"), insert_dispute(job), "", "", "23514", "HX001"};
  });
  both_ways([&] {
    const Job job = job_in("PROOF_SUBMITTED");
    return Pair{insert_dispute(job), insert_dispute(job), "", "", "23505", "23505"};
  });
}

TEST_F(WriteSkew, cancel_and_what_needs_a_living_task) {
  const auto proof_of = [](const Job& job) {
    return fmt::format("INSERT INTO proofs (task_id, submitter_id) VALUES ('{}', '{}')", job.task,
                       job.worker);
  };
  both_ways([&] {
    const Job job = job_in("ACCEPTED");
    return Pair{task_to(job, "CANCELLED"), proof_of(job), "", "", "", "23514"};
  });
  both_ways([&] {
    const Job job = job_in("ACCEPTED");
    return Pair{proof_of(job), proof_of(job), "", "", "23505", "23505"};
  });
  both_ways([&] {
    const Job job = new_job();
    return Pair{task_to(job, "EXPIRED"), escrow_to(job, "FUNDED"), "", "", "", "23514"};
  });
  both_ways([&] {
    const Job job = new_job({.with_escrow = false});
    return Pair{task_to(job, "CANCELLED"),
                fmt::format("INSERT INTO escrows (task_id, amount) VALUES ('{}', 5000)", job.task),
                "",
                "",
                "",
                "23514"};
  });
  both_ways([&] {
    const Job job = job_in("ACCEPTED");
    return Pair{task_to(job, "CANCELLED"), escrow_to(job, "LOCKED_DISPUTE"), "", "", "", "23514"};
  });
}

TEST_F(WriteSkew, accept_and_accept) {
  both_ways([&] {
    const Job job = funded();
    Job rival = job;
    rival.worker = job.admin;
    return Pair{accepting(job), accepting(rival), "", "", "23514", "23514"};
  });
}

TEST_F(WriteSkew, verdict_of_a_rejected_proof_and_the_end_of_the_dispute) {
  both_ways([&] {
    Job job = job_in("PROOF_SUBMITTED");
    reject(job);
    dispute(job);
    return Pair{
        update_state("proofs", job.proof, "ACCEPTED"), task_to(job, "CANCELLED"), "", "", "23514", ""};
  });
}

TEST_F(WriteSkew, broadcast_and_refund) {
  both_ways([&] {
    const Job job = new_job({.mode = "LIVE"});
    fund(job);
    return Pair{fmt::format("UPDATE tasks SET live_broadcast_started_at = now() WHERE id = '{}'", job.task),
                escrow_to(job, "REFUNDED"),
                "",
                "",
                "HX901",
                ""};
  });
}

// Photos without a number get the next free one: no unique constraint helps, only the lock on the proof keeps
// the limit.
TEST_F(WriteSkew, fifth_and_sixth_photo) {
  both_ways([&] {
    const std::string proof = new_proof(job_in("ACCEPTED"), 4);
    const std::string photo = fmt::format(
        "INSERT INTO proof_photos (proof_id, storage_key, content_type, file_size_bytes, checksum_sha256, "
        "sequence_number) VALUES ('{}', 'k', 'image/jpeg', 1, encode(sha256(random()::text::bytea), 'hex'), "
        "NULL)",
        proof);
    return Pair{photo, photo, "", "", "P0001", "P0001"};
  });
}

TEST_F(WriteSkew, last_photo_and_submission) {
  both_ways([&] {
    const std::string proof = new_proof(job_in("ACCEPTED"), 1);
    return Pair{fmt::format("DELETE FROM proof_photos WHERE proof_id = '{}'", proof),
                update_state("proofs", proof, "SUBMITTED"),
                "",
                "",
                "23514",
                "P0001"};
  });
}

// REPEATABLE READ: the second transaction took its snapshot before the first committed. It fails, whatever
// the code.
TEST_F(WriteSkew, older_snapshots_fail_too) {
  const auto stale = [&](const std::string& first, const std::string& second) {
    SCOPED_TRACE(first + "  ||  " + second);
    ASSERT_EQ(first_.run("BEGIN"), "");
    ASSERT_EQ(second_.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM tasks"), "");
    EXPECT_EQ(first_.run(first), "");
    second_.start(second);
    waits_for_lock(second_, watcher_);
    EXPECT_EQ(first_.run("COMMIT"), "");
    EXPECT_NE(second_.finish(), "");
    EXPECT_EQ(second_.run("ROLLBACK"), "");
  };
  Job job = funded();
  stale(escrow_to(job, "REFUNDED"), accepting(job));
  job = funded();
  stale(accepting(job), escrow_to(job, "REFUNDED"));
  job = won_dispute();
  stale(escrow_to(job, "REFUNDED"), task_to(job, "COMPLETED"));
  job = won_dispute();
  stale(task_to(job, "COMPLETED"), splitting(job));
  job = approved();
  stale(insert_dispute(job), task_to(job, "COMPLETED"));
  job = approved();
  stale(task_to(job, "COMPLETED"), insert_dispute(job));
  job = job_in("ACCEPTED");
  job.proof = new_proof(job, 1);
  stale("DELETE FROM proof_photos WHERE proof_id = '" + job.proof + "'",
        update_state("proofs", job.proof, "SUBMITTED"));
  job = job_in("ACCEPTED");
  job.proof = new_proof(job, 4);
  const std::string photo = fmt::format(
      "INSERT INTO proof_photos (proof_id, storage_key, content_type, file_size_bytes, checksum_sha256, "
      "sequence_number) VALUES ('{}', 'k', 'image/jpeg', 1, encode(sha256(random()::text::bytea), 'hex'), "
      "NULL)",
      job.proof);
  stale(photo, photo);
}

TEST_F(WriteSkew, hand_written_tier_history) {
  both_ways([&] {
    const std::string step = fmt::format(
        "INSERT INTO trust_ledger (user_id, old_tier, new_tier, reason, changed_by) VALUES ('{}', 1, 2, "
        "'PROMOTION', "
        "'system')",
        new_user());
    return Pair{step, step, "", "", "23514", "23514"};
  });
}

TEST_F(WriteSkew, tier_changes_form_one_chain) {
  both_ways([&] {
    const std::string user = new_user();
    const auto tier = [&](int to) {
      return fmt::format("UPDATE users SET trust_tier = {} WHERE id = '{}'", to, user);
    };
    return Pair{tier(2), tier(3), "", "", "", ""};
  });
  EXPECT_EQ(
      value("SELECT count(*) FROM (SELECT old_tier, lag(new_tier, 1, 1) OVER (PARTITION BY user_id ORDER BY "
            "changed_at) prev FROM trust_ledger) s WHERE old_tier <> prev"),
      "0");
}

}  // namespace
}  // namespace sql_test
