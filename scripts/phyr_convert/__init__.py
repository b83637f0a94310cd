# SPDX-License-Identifier: GPL-2.0
"""The parts of scripts/phyr-convert, which is the only one to import them."""
