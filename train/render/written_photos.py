"""Name the photographs that show text of their own, which no line would list."""

from __future__ import annotations

# Found by running a text detector and reader over all photographs: two or more characters read with
# a score of 0.8. The names are those of the training photographs' files, without the ending.
WRITTEN_PHOTOS = frozenset(
    {
        "cid22_1428647",
        "cid22_1454613116",
        "cid22_14768480444_bc0a1b4a2e_o",
        "cid22_1570264",
        "cid22_1618269",
        "cid22_1943411",
        "cid22_2062426",
        "cid22_208560",
        "cid22_209864",
        "cid22_21169144185_3f7977cb5a_o",
        "cid22_2272939",
        "cid22_26103251787_d8635e260d_o",
        "cid22_35875869841_0b10e41e57_o",
        "cid22_3DPieChart",
        "cid22_5894435",
        "cid22_7062197",
        "cid22_7062227",
        "cid22_7256805",
        "cid22_AgilityCourseElements",
        "cid22_Beam-Space-Processing",
        "cid22_Boxplot",
        "cid22_EPICA Delta D Plot",
        "cid22_No-interference",
        "cid22_StockQuoteGraph-20120521",
        "cid22_Temperament-pie-chart-according-to-Eysenck",
        "cid22_Verkehrstote Deutschland 1953-2012",
        "cid22_adriankierman-report-page",
        "cid22_akfcrc022",
        "cid22_klepas-Gentle-giants-of-the-sea-3",
        "cid22_newplot (1)",
        "cid22_newplot",
        "cid22_pexels-photo-1130297",
        "cid22_pexels-photo-3193731",
        "cid22_pexels-photo-4354221",
        "wiki_014",
        "wiki_021",
        "wiki_027",
        "wiki_038",
        "wiki_039",
        "wiki_040",
        "wiki_045",
        "wiki_046",
    }
)
