// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The numbers of a case as script/verify.js draws them.
#pragma once

#include <boost/json/object.hpp>

#include "golden/judge/result.hpp"

namespace assay::reports {

/// "sites": names in the order of execution, as the indices in "cells" count them; "cells": of each layer and site the
/// worst over all calls, [layer or -1, site, share of the limit, verdict, call, digits or null, rel_l2, "row 9.3 of
/// 3.1"]; "growth": of each layer the worst layer_out, [layer, rel_l2, limit, verdict, call]; "ledger": [layer, call,
/// in, out, own, origin]; "histograms": of up to six sites that used most of their limits or do not hold, objects with
/// "place", "verdict", "elements", "equal" and "bins". Numbers have three digits; none is infinite or NaN: shares and
/// errors end at 1e9.
[[nodiscard]] boost::json::object chart_data(const golden::CaseResult& result);

}  // namespace assay::reports
