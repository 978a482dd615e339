"""Why records are together or apart: the story of two source rows, or of one customer.

published    what the release says              meeting    what blocking found
waterfall    from the prior to the match weight weighing   any pair, weighed as in the run
paths        the links that hold records        values     what was compared
decided      what people decided about them     arrivals   in which release rows came
pair, entity the stories, put together          verdict    a story in one sentence
text, as_json, picture                          how they are shown
"""

from resolution.explain.archive import Archive
from resolution.explain.entity import EntityStory, tell_entity
from resolution.explain.pair import PairStory, tell_pair

__all__ = ["Archive", "EntityStory", "PairStory", "tell_entity", "tell_pair"]
