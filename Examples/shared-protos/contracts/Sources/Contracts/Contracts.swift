// SPDX-License-Identifier: Apache-2.0

// SwiftPM takes a folder without any source of its own for an empty target.
