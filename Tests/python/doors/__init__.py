# SPDX-License-Identifier: Apache-2.0
"""The doors of a server, each as a client of its own. `door.py` says what one is."""
