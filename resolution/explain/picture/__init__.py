"""Stories as SVG pictures, drawn for a light and a dark screen; they load nothing from anywhere."""

from resolution.explain.picture.entity_picture import entity_picture
from resolution.explain.picture.pair_picture import pair_picture

__all__ = ["entity_picture", "pair_picture"]
