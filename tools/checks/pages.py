#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The manual pages against what they describe.

	pages.py names		what is public and on no page, and the reverse
	pages.py synopses	C that declares every function as its page does
	pages.py extract DIR	examples as files: NAME.c, NAME.cpp, NAME.go, PAGE-N.sh, and
				beside each NAME.text or PAGE-N.text, what it prints

names prints a line for each fault and nothing else. All work in the current folder,
the top of the tree. Literal displays of a page, but for tables (-compact), are
examples: a program, which begins with its name in a comment, as "/* NAME.c: " (or
.cpp); a Go program, which begins with "package"; in sections 1, 5 and 8 a piece of
shell; and behind any of these, once, what it prints.
"""
import os
import re
import sys
from glob import glob

FOLDERS = ['tools/hchan', 'kmod/doc/man', 'libuser/doc/man']
ESCAPES = {'\\e': '\\', '\\-': '-', '\\(aq': "'", '\\(ga': '`', '\\(ha': '^',
           '\\(ti': '~', '\\&': ''}


def pages():
    return sorted(f for d in FOLDERS for f in glob(d + '/*.[1-9]'))


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def names_of(text):
    """What the section NAME lists."""
    name = re.search(r'^\.Sh NAME\n(.*?)^\.Nd', text, re.M | re.S)
    return re.findall(r'^\.Nm (\S+)', name.group(1), re.M) if name else []


def plain(line):
    """A line of a literal display as a reader sees it."""
    out = re.sub(r'\\(e|-|&|\(..)', lambda m: ESCAPES.get(m.group(0), m.group(0)), line)
    return out


def displays(text):
    return [''.join(plain(line) + '\n' for line in block.splitlines())
            for block in re.findall(r'^\.Bd -literal\n(.*?)^\.Ed', text, re.M | re.S)]


# --- examples ---------------------------------------------------------------

def extract(folder):
    """The pieces behind which nothing has been printed yet share what comes next."""
    taken = set()
    for page in pages():
        base, section = os.path.basename(page).rsplit('.', 1)
        silent, pieces = [], 0
        for block in displays(read(page)):
            program = re.match(r'/\* ([a-z]+\.c(pp)?): ', block)
            if program:
                piece = program.group(1)
            elif block.startswith('package '):
                piece = base + '.go'
            elif section in '158' and not silent:
                pieces += 1
                piece = f'{base}-{section}-{pieces}.sh'
            elif silent:
                piece = None
            else:
                sys.exit(f'{page}: what is this? {block.splitlines()[0]}')
            if piece:
                silent.append(piece.split('.')[0])
                files = [piece]
            else:
                files = [name + '.text' for name in silent]
                silent = []
            for name in files:
                if name in taken:
                    sys.exit(f'{page}: two examples are called {name}')
                taken.add(name)
                with open(f'{folder}/{name}', 'w', encoding='utf-8') as file:
                    file.write(block)
        if silent:
            sys.exit(f'{page}: what does {silent[-1]} print?')


# --- synopses ---------------------------------------------------------------

def synopses():
    headers, out = set(), []
    for page in pages():
        text = read(page)
        part = re.search(r'^\.Sh SYNOPSIS\n(.*?)^\.Sh', text, re.M | re.S)
        if not part or not page.endswith('.3'):
            continue
        headers.update(re.findall(r'^\.In (.*)', part.group(1), re.M))
        for kind, rest in re.findall(r'^\.Ft (.*)\n\.Fn (.*)', part.group(1), re.M):
            words = re.findall(r'"[^"]*"|\S+', rest)
            out.append(f'{kind} {words[0]}({", ".join(w.strip(chr(34)) for w in words[1:])});')
    headers = {h for h in headers if not h.endswith('.hpp')}
    for header in sorted(headers, key=lambda h: (h != 'liburing.h', h)):
        print(f'#include <{header}>')
    print('\n'.join(out))


# --- names and errors -------------------------------------------------------

def public_headers():
    return (sorted(glob('libuser/include/hchan.h*')) +
            sorted(glob('libuser/include/hchan/*.h*')))


def exported():
    text = read('libuser/libhchan.map')
    return set(re.findall(r'^\t(hchan_\w+);', text, re.M))


def without_bodies(text):
    return re.sub(r'/\*.*?\*/', '', text, flags=re.S)


def public_names():
    """Functions and macros that a program may use: none ends in an underscore."""
    found = set()
    for header in public_headers():
        text = without_bodies(read(header))
        found |= set(re.findall(r'^#define\s+(HCHAN_\w+|hchan_\w+)', text, re.M))
        found |= set(re.findall(r'^(?:\w[\w *]*?[ *]|)(hchan_\w+)\(', text, re.M))
    return {n for n in found
            if not n.endswith('_') and '__' not in n and
            not re.fullmatch(r'HCHAN_(\w+_)?H(PP)?', n)}


def documented_errors():
    """Function -> what its comment in a header says that it may return."""
    errors = {}
    for header in public_headers():
        for comment, code in re.findall(r'/\*(.*?)\*/\n((?:(?!/\*).)*?)\n(?=\n|#|/\*)',
                                        read(header), re.S):
            found = set(re.findall(r'-(E[A-Z0-9]{3,})\b', comment))
            for name in re.findall(r'^(?:static inline )?\w[\w *]*?[ *](hchan_\w+)\(',
                                   code, re.M):
                errors.setdefault(name, set()).update(found)
            for name in re.findall(r'^#define (hchan_\w+)\(', code, re.M):
                errors.setdefault(name, set()).update(found)
    return errors


def option_faults():
    """hchan.1 against the texts of hchan --help."""
    page = plain(read('tools/hchan/hchan.1')).replace('Fl Fl ', '--')
    page = re.sub(r'\bFl (\w)', r'-\1', page)
    for source in sorted(glob('tools/hchan/*.c')):
        for name, text in re.findall(r'\.name = "(\w+)".*?\.help =(.*?)\n\};',
                                     read(source), re.S):
            part = re.search(rf'^\.Ss {name}\n(.*?)^\.S[sh]', page, re.M | re.S)
            if not part:
                yield f'hchan.1: no section on {name}'
                continue
            for line in re.findall(r'^"  (-.*)', text, re.M):
                for option in re.findall(r'(?<!\S)(--?[\w-]+)', line.split('   ')[0]):
                    if not re.search(rf'^\.It.*{option}\b', part.group(1), re.M):
                        yield f'hchan.1: {name}: {option} is missing'


def name_faults():
    where, texts = {}, {}
    for page in pages():
        texts[page] = read(page)
        section = page[-1]
        for name in names_of(texts[page]):
            if (name, section) in where:
                yield f'{name}({section}) is on two pages'
            where[name, section] = page
        if (os.path.basename(page)[:-2], section) not in where and section != '3':
            yield f'{page}: another name than its file'

    for page, text in texts.items():
        for name, section in re.findall(r'\bXr ([Hh][Cc][Hh][Aa][Nn]\w*) (\d)', text):
            base = [p for p in texts if p.endswith(f'/{name}.{section}')]
            if (name, section) not in where and not base:
                yield f'{page}: there is no {name}({section})'

    for name in sorted(exported()):
        if (name, '3') not in where:
            yield f'{name}: exported, and on no page'
    everything = plain(''.join(texts.values()))
    public = public_names()
    for name in sorted(public):
        if not re.search(rf'\b{name}\b', everything):
            yield f'{name}: public, and no page names it'
    for (name, section), page in sorted(where.items()):
        base = os.path.basename(page)
        if section == '3' and name not in public and name != base[:-2]:
            yield f'{page}: {name} is in no header'

    for name, errors in sorted(documented_errors().items()):
        page = where.get((name, '3'))
        if page is None:
            continue
        there = set(re.findall(r'\bE[A-Z0-9]{3,}\b', texts[page]))
        for error in sorted(errors - there):
            yield f'{page}: {name} has {error} and the page has not'

    for header in public_headers():
        for error in sorted(set(re.findall(r'-(E[A-Z0-9]{3,})\b', read(header)))):
            if not re.search(rf'\b{error}\b', everything):
                yield f'{header} has {error}, and no page'

    page = texts['kmod/doc/man/hchan.4']
    for name in re.findall(r'^#define (HCHAN_(?:IOC|URING)_\w+)\s+_IO',
                           read('uapi/linux/hchan.h'), re.M):
        if not re.search(rf'\b{name}\b', page):
            yield f'hchan.4: {name} is missing'
    yield from option_faults()


if __name__ == '__main__':
    if sys.argv[1:] == ['names']:
        for fault in name_faults():
            print(fault)
    elif sys.argv[1:] == ['synopses']:
        synopses()
    elif len(sys.argv) == 3 and sys.argv[1] == 'extract':
        extract(sys.argv[2])
    else:
        sys.exit(__doc__)
