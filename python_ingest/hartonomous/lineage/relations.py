"""Every kind of edge of the lineage graph."""

from __future__ import annotations

from .kinds import Relation

_USED, _DERIVED = "prov:used", "prov:wasDerivedFrom"
_GENERATED, _MEMBER = "prov:wasGeneratedBy", "prov:hadMember, from the part to the whole"

RELATIONS = {
    "USED_MODEL": Relation("this model answered", _USED, (("Inference", "Model"),)),
    "USED_STUDENT": Relation("this student answered", _USED, (("Inference", "Student"),)),
    "USED_SPACE": Relation("it was searched here", _USED, (("Inference", "Space"),)),
    "USED_REASONING": Relation(
        "it was found in this way", "prov:hadPlan", (("Inference", "ReasoningMode"),)
    ),
    "CALLED": Relation("it was called under this name", _USED, (("Inference", "Callable"),)),
    "SERVED_BY": Relation("this run built what answered", _USED, (("Inference", "Run"),)),
    "WEIGHTED_BY": Relation("votes were weighted so", _USED, (("Inference", "Weights"),)),
    "REQUESTED_BY": Relation("who asked", "prov:wasAssociatedWith", (("Inference", "Caller"),)),
    "RESULTED_IN": Relation("its answer", "prov:generated", (("Inference", "Decision"),)),
    "CONSIDERED": Relation("not returned", "prov:generated", (("Inference", "Alternative"),)),
    "RETURNED": Relation("with these results", "prov:hadMember", (("Decision", "Result"),)),
    "FOUND": Relation(
        "the row that it is; an ensemble's results are texts",
        _DERIVED,
        (
            ("Result", "Embedding"),
            ("Alternative", "Embedding"),
            ("Result", "Text"),
            ("Alternative", "Text"),
        ),
    ),
    "EMBEDS": Relation("the text that it is of", _DERIVED, (("Embedding", "Text"),)),
    "IN_SPACE": Relation("its space", _MEMBER, (("Embedding", "Space"),)),
    "IN_CELL": Relation("its cell", _MEMBER, (("Embedding", "Cell"),)),
    "PART_OF": Relation(
        "what it belongs to", _MEMBER, (("Text", "Dataset"), ("Cell", "CellTraining"))
    ),
    "HAS_LAYER": Relation("its layers", "prov:hadMember", (("Model", "Layer"),)),
    "HAS_TENSOR": Relation(
        "its tensors, under the name that they have there",
        "prov:hadMember",
        (("Layer", "Tensor"), ("Model", "Tensor")),
        {"name": "text", "role": "text", "weight_type": "text"},
    ),
    "GENERATED_BY": Relation(
        "what made it",
        _GENERATED,
        (
            ("Embedding", "Model"),
            ("Space", "Model"),
            ("Student", "DbtModel"),
            ("Callable", "DbtModel"),
        ),
    ),
    "DERIVED_FROM": Relation(
        "what it was made of",
        _DERIVED,
        (
            ("Dataset", "SourceFile"),
            ("Model", "SourceFile"),
            ("Tensor", "SourceFile"),
            ("LandedTable", "SourceFile"),
            ("CellTraining", "Space"),
            ("Student", "Model"),
            ("Student", "Layer"),
            ("Student", "Tensor"),
            ("Weights", "Feedback"),
        ),
        {
            "as_layer": "integer",
            "kept_rows": "integer",
            "of_rows": "integer",
            "rows": "text",
            "threshold": "number",
            "score": "text",
            "name": "text",
        },
    ),
    "CALIBRATED_ON": Relation(
        "its score was measured on these texts", _USED, (("Student", "Dataset"),)
    ),
    "REPLACED": Relation(
        "it took the name of an older landing", "prov:wasRevisionOf", (("Model", "Model"),)
    ),
    "DEPENDS_ON": Relation(
        "it reads this",
        _USED,
        (
            ("DbtModel", "DbtModel"),
            ("DbtModel", "LandedTable"),
            ("Exposure", "DbtModel"),
        ),
    ),
    "BUILT": Relation(
        "the run made this table or function, from code of this checksum",
        "prov:generated",
        (("Run", "DbtModel"),),
        {
            "checksum": "text",
            "status": "text",
            "seconds": "number",
            "rows": "integer",
            "message": "text",
        },
    ),
    "ABOUT": Relation(
        "the answer that is meant", "prov:wasInfluencedBy", (("Feedback", "Inference"),)
    ),
}
