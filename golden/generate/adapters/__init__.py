# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Records somebody else's engine on a golden's calls into a dump, for `assay diff`. One module an engine."""
