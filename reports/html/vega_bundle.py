# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Writes Vega, Vega-Lite and Vega-Embed as one script to be inlined into a page: vega_bundle.py FILE.

vl-convert-python holds them, so nothing is fetched. The script sets window.vega, window.vegaLite and window.vegaEmbed.
"""

import re
import sys
from pathlib import Path

import vl_convert


def bundle() -> str:
    """The script, in a scope of its own; it does not end the element that it stands in."""
    script = vl_convert.javascript_bundle()
    versions = (
        f"Vega {vl_convert.get_vega_version()}, Vega-Lite {vl_convert.get_vegalite_versions()[-1]}, "
        f"Vega-Embed {vl_convert.get_vega_embed_version()}: BSD-3-Clause, https://vega.github.io"
    )
    # Only inside strings and regular expressions can these stand, where a backslash before "/" or "!" says the same.
    script = re.sub(r"</(?=script)", r"<\\/", script, flags=re.IGNORECASE)
    script = script.replace("<!--", "<\\!--")
    return f"/* {versions} */\n(() => {{\n{script}\n}})();\n"


def main() -> None:
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".tmp")
    draft.write_text(bundle(), encoding="utf-8")
    draft.replace(target)


if __name__ == "__main__":
    main()
