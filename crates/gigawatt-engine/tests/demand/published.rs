//! Populations against what was published of others, with the facts of the catalogue.

use gigawatt_engine::demand::{Session, Tokens};
use gigawatt_plan::catalog::Kind;

use super::catalogue::{JANUARY, LATER, fact, habits, published, value, work};

#[test]
fn long_sessions_of_agents_are_those_of_the_trace() {
    let habits = habits("coding-agents", LATER);
    let near = |what: &str, ours: f64, field: &str, within: f64| {
        let traced = published("agentic-trace", field);
        println!("{what}: {ours:.4}, published {traced}");
        assert!((ours / traced - 1.0).abs() <= within, "{what}: {ours} against {traced}");
    };
    let session = Session { variation: 0.0, ..habits.session };
    let (first, last) = (session.turn(0.0), session.turn(session.turns - 1.0));
    near("context of the first turn", first.input(), "first_context", 0.01);
    near("context of the last turn", last.input(), "last_context", 0.03);
    near("reuse of the last turn", last.cached / last.input(), "last_reuse", 0.002);
    near("input share", habits.tokens_per_session().input_share(), "input_share", 0.003);
    // The range of every fact holds the published growth: turns times what one adds.
    let ends = |field: &str| fact(Kind::Population, "coding-agents", field, LATER).1;
    let growth = published("agentic-trace", "last_context") - published("agentic-trace", "first_context");
    let least = (ends("turns").0 - 1.0) * (ends("prompt_tokens").0 + ends("output_tokens").0);
    let most = (ends("turns").1 - 1.0) * (ends("prompt_tokens").1 + ends("output_tokens").1);
    assert!(least < growth && growth < most, "{least} {growth} {most}");
}

#[test]
fn most_sessions_have_one_turn_and_the_others_most_of_the_prompts() {
    let habits = habits("coding-agents", LATER);
    let single = habits.side_calls / (habits.side_calls + 1.0);
    assert!((single - published("agentic-trace", "single_turn_share")).abs() < 0.01, "{single}");
    // The first turn's instructions are worked in by whoever comes first; they are seen again by the others.
    let session = Session { variation: 0.0, ..habits.session };
    let several = session.whole().new + session.system;
    let side = habits.side.whole().times(habits.side_calls).new;
    let share = several / (several + side);
    assert!((share - published("agentic-trace", "several_turn_prefill")).abs() < 0.05, "{share}");
}

#[test]
fn tokens_of_a_company_s_agents_are_those_of_its_dashboard() {
    let habits = habits("coding-agents", LATER);
    let engineers = value(Kind::Population, "coding-agents", "users", LATER);
    let people = published("meta-tokens", "people");
    let ours = habits.tokens_per_day().total() * engineers / people;
    let told = published("meta-tokens", "tokens_per_day") / people;
    println!("tokens of an employee and day: {ours:.3e}, published {told:.3e}");
    assert!((told / 25e6 - 1.0).abs() < 0.02, "{told}");
    assert!((ours / told - 1.0).abs() < 0.2, "{ours} against {told}");
    // In January 2025 nobody could have thought so: a tenth of it at most.
    let then =
        super::catalogue::habits("coding-agents", JANUARY).tokens_per_day().total() * engineers / people;
    assert!(then < 0.1 * told, "{then}");
}

#[test]
fn the_share_of_code_is_between_what_was_said_before_and_after() {
    let share = |on| {
        let habits = habits("coding-agents", on);
        work(on).code_share(habits.sessions_per_day(), 1.0)
    };
    let (then, later) = (share(JANUARY), share(LATER));
    println!("share of the code: {then:.3} in January 2025, {later:.3} in 2026");
    // Google's quarter of October 2024 is mostly completion, which is no agent.
    let before = value(Kind::Population, "google-code", "code_share", JANUARY);
    assert!(then < before, "{then} {before}");
    assert!(later >= published("meta-code", "code_share"), "{later}");
}

#[test]
fn an_assistant_s_requests_are_those_of_conversations_in_production() {
    let Tokens { new, cached, output } = habits("meta-assistant", JANUARY).request();
    let near = |ours: f64, field: &str| {
        let traced = value(Kind::Population, "azure-conversation", field, JANUARY);
        assert!((ours / traced - 1.0).abs() < 0.1, "{field}: {ours} against {traced}");
    };
    near(new + cached, "prompt_tokens");
    near(output, "output_tokens");
}

#[test]
fn an_assistant_in_other_apps_is_used_less_than_one_of_its_own() {
    let anchor = published("chatgpt", "messages_per_day") / published("chatgpt", "weekly_users");
    assert!((anchor * 7.0 - 25.7).abs() < 0.05, "{anchor}");
    let ours = habits("meta-assistant", JANUARY).requests_per_day();
    assert!(ours < anchor, "{ours} {anchor}");
    // Even with every range at its upper end it stays below it.
    let most = |field: &str| fact(Kind::Population, "meta-assistant", field, JANUARY).1.1;
    let upper = most("daily_share") * most("sessions") * most("turns");
    println!("messages of a user and day: {ours:.2}, at most {upper:.2}, anchor {anchor:.2}");
    assert!(upper < anchor, "{upper} {anchor}");
}

#[test]
fn what_became_known_after_january_2025_is_not_in_its_facts() {
    for (field, then, later) in [("turns", 25.0, 66.0), ("reuse", 0.85, 0.999), ("sessions", 4.0, 50.0)] {
        let of = |on| value(Kind::Population, "coding-agents", field, on);
        assert_eq!((of(JANUARY), of(LATER)), (then, later), "{field}");
    }
    assert_eq!(value(Kind::Population, "meta-assistant", "users", JANUARY), 600e6);
    assert_eq!(value(Kind::Population, "meta-assistant", "users", LATER), 1e9);
}
