# SPDX-License-Identifier: GPL-2.0
"""A kernel tree: its files, where a structure is declared, whether phyr is in it."""

import os
import re

from .csource import Source
from .failure import Failure

_STRUCT = re.compile(r"^[ \t]*(?:typedef[ \t]+)?(?:struct|union)[ \t]+(\w+)\s*"
                     r"(?:__\w+\s*)*\{", re.M)
_TYPEDEF = re.compile(r"^\}[ \t]*(\w+)[ \t]*;|^typedef[ \t]+struct[ \t]+\w+[ \t]*\**(\w+);", re.M)
_USER = re.compile(r"\bstruct\s+(?:scatterlist|sg_table|sg_append_table)\b|"
                   r"\b(?:ib_)?dma_map_sg\w*|\bfor_each_sg\w*|\bsg_(?:next|page|init|alloc|set|"
                   r"dma|miter|copy|virt|phys|nents|mark|chain|free|zero|pcopy)\w*\s*\(|"
                   r"\bscsi_(?:sglist|for_each_sg|dma_map)\b")
# One of these words is in each of them.
_WORDS = (b"scatterlist", b"sg_table", b"map_sg", b"for_each_sg", b"scsi_sglist", b"sg_dma_",
          b"scsi_dma_map", b"sg_next(", b"sg_page(", b"sg_init_", b"sg_set_", b"sg_alloc_",
          b"sg_miter_", b"sg_copy_", b"sg_pcopy_", b"sg_virt(", b"sg_phys(", b"sg_free_",
          b"sg_nents", b"sg_mark_", b"sg_chain(", b"sg_zero_")
# And one of these in each of the words.
_ANY = (b"sg_", b"_sg", b"scatterlist", b"scsi_dma_map")
# What is looked at when all of a tree is: where the kernel has code of its own.
# A directory with more files than that is not one driver.
MANY = 1500
TOPS = ("arch", "block", "certs", "crypto", "drivers", "fs", "include", "init", "io_uring",
        "ipc", "kernel", "lib", "mm", "net", "samples", "security", "sound", "virt")


class Tree:
    """A kernel tree.  All paths are relative to its top."""

    def __init__(self, top):
        self.top = top
        self._text = {}
        self._sources = {}
        self._headers = {}      # directory or header -> {structure: header}
        self._include = None
        self._there = {}        # path -> is there such a file
        self._below = {}
        self._users = None

    @classmethod
    def around(cls, path):
        """The tree that a file or directory is in."""
        here = os.path.abspath(path)
        while True:
            if all(os.path.exists(os.path.join(here, n))
                   for n in ("MAINTAINERS", "Kbuild", "include/linux")):
                return cls(here)
            up = os.path.dirname(here)
            if up == here:
                what = path if os.path.exists(path) and path != "." else "this directory"
                raise Failure(f"{what} is not in a kernel tree; give --tree, or a path that "
                              "is in one and exists")
            here = up

    def has_phyr(self):
        """Is the project applied?"""
        return os.path.exists(os.path.join(self.top, "include/linux/phyr-table.h"))

    def with_texts(self, texts):
        """The same tree, but these files have other texts."""
        other = Tree(self.top)
        other._text.update(texts)       # pylint: disable=protected-access
        return other

    def put(self, path, text):
        """From now on a file has this text, but not on the disk."""
        self._text[path] = text
        self._sources.pop(path, None)

    def relative(self, path):
        """A path as given by a caller, from the top of the tree."""
        full = os.path.abspath(path)
        if not os.path.exists(full):
            full = os.path.join(self.top, path)
        if not os.path.exists(full):
            raise Failure(f"{path} does not exist; name a file or directory of {self.top}")
        rel = os.path.relpath(full, self.top)
        if rel.startswith(".."):
            raise Failure(f"{path} is not in the tree {self.top}")
        return rel

    def text(self, path):
        """What a file says, or '' if it is not there."""
        if path not in self._text:
            try:
                with open(os.path.join(self.top, path), encoding="utf-8",
                          errors="replace") as f:
                    self._text[path] = f.read()
            except (FileNotFoundError, IsADirectoryError):
                self._text[path] = ""
            except OSError as e:
                raise Failure(f"cannot read {path}: {e.strerror}") from e
        return self._text[path]

    def raw(self, path, word):
        """As text(), but '' if that word is not in it, and it is not kept."""
        if path in self._text:
            return self._text[path] if word.decode() in self._text[path] else ""
        try:
            with open(os.path.join(self.top, path), "rb") as f:
                data = f.read()
        except OSError as e:
            raise Failure(f"cannot read {path}: {e.strerror}") from e
        return data.decode(errors="replace") if word in data else ""

    def exists(self, path):
        """Is there such a file?"""
        if path in self._text and self._text[path] != "":
            return True
        if path not in self._there:
            self._there[path] = os.path.isfile(os.path.join(self.top, path))
        return self._there[path]

    def source(self, path):
        """A file, parsed."""
        if path not in self._sources:
            self._sources[path] = Source(path, self.text(path))
        return self._sources[path]

    def files(self, paths, ends=(".c", ".h")):
        """All files of that kind below some paths, sorted."""
        out = set()
        for path in paths:
            full = os.path.join(self.top, path)
            if os.path.isfile(full):
                out.add(path)
                continue
            for here, dirs, names in os.walk(full):
                dirs[:] = [d for d in dirs if not d.startswith(".")]
                for name in names:
                    if name.endswith(ends):
                        out.add(os.path.normpath(
                            os.path.relpath(os.path.join(here, name), self.top)))
        return sorted(out)

    def users(self, paths, ends=(".c",)):
        """Those of them that use the scatterlist API."""
        if ends == (".c",) and list(paths) == ["."]:
            return self.all_users()
        return self._using(paths, ends)

    def _using(self, paths, ends):
        whole = [p for p in paths if p != "."]
        if len(whole) != len(paths):
            whole = [t for t in TOPS if os.path.isdir(os.path.join(self.top, t))]
        out = []
        for path in self.files(whole, ends):
            if path not in self._text:
                try:
                    with open(os.path.join(self.top, path), "rb") as f:
                        raw = f.read()
                except OSError as e:
                    raise Failure(f"cannot read {path}: {e.strerror}") from e
                if not any(word in raw for word in _ANY) or \
                        not any(word in raw for word in _WORDS):
                    continue
            if _USER.search(self.text(path)):
                out.append(path)
        return out

    def all_users(self):
        """The same of the whole tree."""
        if self._users is None:
            self._users = self._using(["."], (".c",))
        return self._users

    def kconfigs(self):
        """All Kconfig files of the tree."""
        return [os.path.relpath(os.path.join(here, name), self.top)
                for top in (*TOPS, "arch", "kernel", "mm", "lib", "security", "crypto", "init")
                for here, _, names in os.walk(os.path.join(self.top, top))
                for name in names if name.startswith("Kconfig")]

    def directory(self, path, ends=(".c",)):
        """The files of that kind in one directory, but not below it."""
        full = os.path.join(self.top, path)
        try:
            names = sorted(os.listdir(full))
        except OSError:
            return []
        return [os.path.normpath(os.path.join(path, n)) for n in names
                if n.endswith(ends) and os.path.isfile(os.path.join(full, n))]

    def _index(self, paths):
        index = {}
        for path in paths:
            text = self.text(path)
            for m in _STRUCT.finditer(text):
                index.setdefault(m.group(1), path)
            for m in _TYPEDEF.finditer(text):
                index.setdefault(m.group(1) or m.group(2), path)
        return index

    def _local(self, directory):
        if directory not in self._headers:
            self._headers[directory] = self._index(self.directory(directory, (".h",)))
        return self._headers[directory]

    def _global(self):
        if self._include is None:
            # uapi last: what it declares is seldom what a driver keeps lists in
            paths = [p for p in self.files(["include"], (".h",)) if "/uapi/" not in p]
            self._include = self._index(paths)
        return self._include

    def struct(self, name, source):
        """The structure of that name, as a file sees it, or None."""
        for _ in range(4):
            st = source.structs.get(name)
            if st:
                return st
            if name in source.typedefs and source.typedefs[name] != name:
                name = source.typedefs[name]
                continue
            path = self._where(name.split(" ")[-1], source)
            if not path:
                return None
            header = self.source(path)
            if name in header.structs:
                return header.structs[name]
            if name not in header.typedefs or header.typedefs[name] == name:
                return None
            name, source = header.typedefs[name], header
        return None

    def _where(self, name, source):
        seen = set()
        todo = [source]
        while todo:             # headers in quotes, and those that they name
            s = todo.pop(0)
            for path in s.include_paths():
                if path in seen or path.startswith("include/"):
                    continue
                seen.add(path)
                if not self.exists(path):
                    continue
                if path not in self._headers:
                    self._headers[path] = self._index([path])
                if name in self._headers[path]:
                    return path
                if len(seen) < 200:
                    todo.append(self.source(path))
        here = os.path.dirname(source.path)
        while "/" in here:
            for d in (here, here + "/include"):
                if name in self._local(d):
                    return self._local(d)[name]
            here = os.path.dirname(here)
        found = self._global().get(name)
        if found:
            return found
        # -I in a Makefile: a header anywhere in the driver
        here = os.path.dirname(source.path)
        while here.count("/") > 1:
            paths = self.under(here)
            if len(paths) > MANY:
                break
            key = here + "/**"
            if key not in self._headers:
                self._headers[key] = self._index([p for p in paths if p.endswith(".h")])
            if name in self._headers[key]:
                return self._headers[key][name]
            here = os.path.dirname(here)
        return None

    def under(self, directory):
        """All .c and .h files below a directory."""
        if directory not in self._below:
            self._below[directory] = self.files([directory])
        return self._below[directory]
