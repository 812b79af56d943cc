# SPDX-License-Identifier: Apache-2.0
"""The comparison with other servers: who serves, what load, how it is measured and shown."""
