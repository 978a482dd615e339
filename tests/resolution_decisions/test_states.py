"""What became of each decision, and how a contradiction is told."""

from saying import said

from resolution.decisions.states import contradictions_told, with_states


def test_every_decision_is_in_one_state() -> None:
    states = with_states(
        said(
            ("match", "crm/1", "crm/2"),
            ("unsure", "crm/1", "crm/3"),
            ("match", "crm/1", "crm/4"),
            ("non-match", "crm/4", "crm/1"),
            ("non-match", "crm/1", "crm/2", "bob"),
            ("match", "crm/5", "crm/6"),
            undone=(6,),
        )
    )
    told = ["binds", "unsure", "replaced", "binds", "contradictory", "undone"]
    assert states["state"].to_list() == told
    assert states["because"].to_list() == [None, None, None, None, [1], None]


def test_an_undo_gives_the_word_before_back() -> None:
    words = [("match", "crm/1", "crm/2"), ("unsure", "crm/2", "crm/1")]
    assert with_states(said(*words))["state"].to_list() == ["replaced", "unsure"]
    assert with_states(said(*words, undone=(2,)))["state"].to_list() == ["binds", "undone"]


def test_a_contradiction_names_its_chain_and_whose_it_is() -> None:
    states = with_states(
        said(
            ("match", "crm/1", "crm/2"),
            ("match", "crm/2", "crm/3", "eve"),
            ("non-match", "crm/3", "crm/1", "bob"),
        )
    )
    [told] = contradictions_told(states)
    assert told == (
        "decision 3 (bob: crm/3 ~ crm/1 non-match) does not bind: it cannot be true with "
        "decision 2 (eve: crm/2 ~ crm/3 match); decision 1 (ann: crm/1 ~ crm/2 match)"
    )
    assert list(contradictions_told(states, only=[1, 2])) == []
