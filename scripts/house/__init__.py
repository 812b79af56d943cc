# SPDX-License-Identifier: Apache-2.0
"""The house rules: each reads the sources and yields findings."""
