// SPDX-License-Identifier: Apache-2.0
#include "cpython_abi.h"
