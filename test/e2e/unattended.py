"""Runs Debian's unattended-upgrade in a throw-away root: by its own `main(options, rootdir)`, as its own tests do.

unattended.py PROGRAM ROOT
"""

import importlib.machinery
import importlib.util
import os
import sys

program, root = sys.argv[1:3]
assert os.path.isabs(root) and os.path.realpath(root) != "/"
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("unattended_upgrade", program)
unattended = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
loader.exec_module(unattended)

# What it has of the machine as a whole, by absolute paths.
unattended.LOCK_FILE = os.path.join(root, "unattended.lock")
unattended.PROGRESS_LOG = os.path.join(root, "unattended.progress")
unattended.REBOOT_REQUIRED_FILE = os.path.join(root, "reboot-required")

options = unattended.Options()
options.verbose = True
options.minimal_upgrade_steps = True
sys.exit(unattended.main(options, rootdir=root))
