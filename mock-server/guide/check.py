#!/usr/bin/env python3
"""Checks the guide and the links of the repository's documents. Needs nothing but Python.

* Every chapter is in SUMMARY.md, and SUMMARY.md names no other.
* Both languages have the same chapters.
* Relative links and anchors lead somewhere, in the guide, README*.md, CONTRIBUTING.md, SECURITY.md and
  mock-server/*.md.

Exit status: 0 if all is well, 1 if not.
"""

import pathlib
import re
import sys
import urllib.parse

GUIDE = pathlib.Path(__file__).resolve().parent
ROOT = GUIDE.parent.parent
LANGUAGES = ("en", "zh-CN")

FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1[ \t]*$", re.M | re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.S)
# The target of [text](target "title"), also where the text is a picture with a target of its own.
INLINE = re.compile(r"\]\(\s*<?([^\s)>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)", re.M)
ATTRIBUTE = re.compile(r"<[a-zA-Z][^>]*?\s(?:href|src)\s*=\s*[\"']([^\"']+)[\"']")
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.M)
ID = re.compile(r"<[a-zA-Z][^>]*?\s(?:id|name)\s*=\s*[\"']([^\"']+)[\"']")
SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:|^//")


def blank(match):
    """The same number of lines, so that line numbers stay right."""
    return "\n" * match.group().count("\n")


def prose(text):
    """The text without fenced code and comments."""
    return COMMENT.sub(blank, FENCE.sub(blank, text))


def links(text):
    """The line number and target of every link, in the order of the text."""
    text = CODE.sub(lambda match: "code" + blank(match), prose(text))
    found = []
    for pattern in (INLINE, REFERENCE, ATTRIBUTE):
        for match in pattern.finditer(text):
            found.append((text.count("\n", 0, match.start(1)) + 1, match.group(1)))
    return sorted(found)


def slug(heading):
    """The anchor of a heading, as mdBook and the usual code hosts make it."""
    heading = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    heading = re.sub(r"<[^>]+>", "", heading) if "`" not in heading else heading
    kept = (c for c in heading.lower() if c.isalnum() or c in "-_" or c.isspace())
    return re.sub(r"\s", "-", "".join(kept))


def anchors(path, cache={}):
    """All anchors of a Markdown file."""
    if path not in cache:
        text = prose(path.read_text(encoding="utf-8"))
        seen, found = {}, set(ID.findall(text))
        for heading in HEADING.findall(text):
            name = slug(heading)
            count = seen.get(name, 0)
            seen[name] = count + 1
            found.add(f"{name}-{count}" if count else name)
        cache[path] = found
    return cache[path]


def broken(path):
    """What is wrong with the links of a file, a line each."""
    for line, target in links(path.read_text(encoding="utf-8")):
        if SCHEME.match(target):
            continue
        place, _, anchor = target.partition("#")
        place = urllib.parse.unquote(place.partition("?")[0])
        anchor = urllib.parse.unquote(anchor)
        where = f"{path.relative_to(ROOT)}:{line}"
        if place.startswith("/"):
            yield f"{where}: {target} is not relative"
            continue
        found = (path.parent / place).resolve() if place else path
        if not found.is_relative_to(ROOT):
            yield f"{where}: {target} leads out of the repository"
        elif not found.exists():
            yield f"{where}: {target} does not exist"
        elif anchor and found.suffix == ".md" and anchor not in anchors(found):
            yield f"{where}: {target} has no such heading"


def chapters(language):
    """The chapters of a language that exist, and those that SUMMARY.md names."""
    source = GUIDE / language / "src"
    exist = {str(path.relative_to(source)) for path in source.rglob("*.md")} - {"SUMMARY.md"}
    summary = source / "SUMMARY.md"
    named = [target for _, target in links(summary.read_text(encoding="utf-8"))]
    return exist, named


def structure():
    """What is wrong with the chapters, a line each."""
    order = {}
    for language in LANGUAGES:
        summary = (GUIDE / language / "src" / "SUMMARY.md").relative_to(ROOT)
        exist, named = chapters(language)
        order[language] = named
        for name in sorted(exist - set(named)):
            yield f"{summary}: {name} is a chapter, but not named here"
        for name in sorted(set(named) - exist):
            yield f"{summary}: {name} does not exist"
        for name in sorted({name for name in named if named.count(name) > 1}):
            yield f"{summary}: {name} is named more than once"
    first, *others = LANGUAGES
    for language in others:
        if order[language] != order[first]:
            different = sorted(set(order[first]) ^ set(order[language])) or ["the order"]
            yield f"mock-server/guide: {first} and {language} differ in {', '.join(different)}"


def documents():
    """The files whose links are checked."""
    for language in LANGUAGES:
        yield from sorted((GUIDE / language / "src").rglob("*.md"))
    yield from sorted(ROOT.glob("README*.md"))
    yield from (ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md") if (ROOT / name).exists())
    yield from sorted((ROOT / "mock-server").glob("*.md"))


def main():
    problems = list(structure())
    count = 0
    for path in documents():
        count += 1
        problems.extend(broken(path))
    for problem in problems:
        print(problem)
    print(f"guide: {count} documents, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
