#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""kmod/doc/hchan.rst against uapi/linux/hchan.h, in the current folder.

Every constant of the header is in the text, and the text has no other. Each structure
has a section, whose definitions are its fields and no others, in any grouping; and the
errors that the header names beside a structure are in that structure's chapter. Prints
a line for each fault and nothing else.
"""
import errno
import re
import sys

HEADER, TEXT = 'uapi/linux/hchan.h', 'kmod/doc/hchan.rst'
NOT_MEANT = {'HCHAN_IOC_MAGIC'}     # may be left out


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def structures(header):
    """Name -> (its fields, the errors in the comment before it)."""
    found = {}
    for comment, name, body in re.findall(
            r'/\*((?:(?!\*/).)*)\*/\nstruct (hchan_\w+) \{\n(.*?)\n\};', header, re.S):
        fields = re.findall(r'\b(\w+)(?:\[\w+\])?;', body)
        errors = {w for w in re.findall(r'\bE[A-Z0-9]+\b', comment)
                  if w in errno.errorcode.values()}
        found[name] = (fields, errors)
    return found


def sections(text):
    """(title, level, body) of each, level 1 being a chapter."""
    out = []
    for title, line, body in re.findall(
            r'^(\S.*)\n(=+|-+)\n\n?((?:(?!^\S.*\n(?:===+|---+)$).*\n)*)', text, re.M):
        out.append((title, 1 if line[0] == '=' else 2, body))
    return out


def faults():
    header, text = read(HEADER), read(TEXT)
    defined = set(re.findall(r'^#define (HCHAN_\w+)[ \t]', header, re.M))
    named = set(re.findall(r'\bHCHAN_\w+', text))
    for name in sorted(defined - named - NOT_MEANT):
        yield f'{name} is not in the text'
    for name in sorted(named - defined):
        yield f'{name} is not in the header'

    known = structures(header)
    every_struct = set(re.findall(r'^struct (hchan_\w+) \{', header, re.M))
    for name in sorted(every_struct - set(known)):
        yield f'struct {name} has no comment in the header'
    for name in sorted(set(re.findall(r'struct\s+(hchan_\w+)', text)) - every_struct):
        yield f'struct {name} is not in the header'

    parts = sections(text)
    every_field = {f for fields, _ in known.values() for f in fields}
    for name, (fields, errors) in sorted(known.items()):
        at = [i for i, p in enumerate(parts) if p[0] == f'struct {name}']
        if len(at) != 1:
            yield f'struct {name} has {len(at)} sections'
            continue
        body = parts[at[0]][2]
        terms = re.findall(r'^(``[a-z_]+``(?:, ``[a-z_]+``)*) \((?:in|out|in and out)\)$',
                           body, re.M)
        described = [f for term in terms for f in re.findall(r'``(\w+)``', term)]
        for field in sorted(set(fields) - set(described)):
            yield f'struct {name}: {field} is not described'
        for field in described:
            if field not in fields or described.count(field) > 1:
                yield f'struct {name}: {field} should not be there'

        # The chapter around it: from its title to the next chapter's.
        begin = max(i for i in range(at[0] + 1) if parts[i][1] == 1)
        end = next((i for i in range(at[0] + 1, len(parts)) if parts[i][1] == 1),
                   len(parts))
        chapter = ''.join(p[2] for p in parts[begin:end])
        for error in sorted(errors):
            if f'``{error}``' not in chapter:
                yield f'struct {name}: {error} is not in its chapter'

    in_header = set(re.findall(r'\bE[A-Z0-9]+\b', header))
    for error in sorted(set(re.findall(r'``(E[A-Z0-9]+)``', text))):
        if error in errno.errorcode.values() and error not in in_header:
            yield f'{error} is not in the header'
    for request in re.findall(r'^#define (HCHAN_(?:IOC|URING)_\w+)\s+_IO', header, re.M):
        if not re.search(rf'``{request}``', text):
            yield f'{request} is not described'
    if not every_field:
        yield 'no fields were found'


if __name__ == '__main__':
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    for fault in faults():
        print(fault)
