// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Sigma is the root mean square of a site, noise that of the error of transformers' own float32 run there.
#include <algorithm>
#include <utility>
#include <vector>

#include "selftest/mutants/mutants.hpp"
#include "selftest/rewrite.hpp"

namespace assay::selftest {
namespace {

using Change = std::function<void(Matrix&)>;

Mutant small(std::string name, std::string wrong, std::string golden, const Moment& site, Change change,
             std::string reason = {}) {
  return {std::move(name),
          std::move(wrong),
          no_trap,
          std::move(golden),
          site,
          [=](BrokenModel& m) { emit_at(m, site, change); },
          std::move(reason)};
}

/// An element in the middle.
double& one_of(Matrix& x) { return x.values[x.values.size() / 2]; }

Change one_element(double sigmas) {
  return [=](Matrix& x) { one_of(x) += sigmas * x.sigma(); };
}

Change whole(double factor) {
  return [=](Matrix& x) {
    for (double& value : x.values) value *= factor;
  };
}

Change one_row(std::size_t row, double factor) {
  return [=](Matrix& x) {
    for (std::size_t i = 0; i < x.columns; ++i) x(row, i) *= factor;
  };
}

/// Columns from `first` to before `end` of each row.
Change columns(std::size_t first, std::size_t end, double factor) {
  return [=](Matrix& x) {
    for (std::size_t row = 0; row < x.rows; ++row) {
      for (std::size_t i = first; i < end; ++i) x(row, i) *= factor;
    }
  };
}

Change swap_rows(std::size_t a, std::size_t b) {
  return [=](Matrix& x) {
    for (std::size_t i = 0; i < x.columns; ++i) std::swap(x(a, i), x(b, i));
  };
}

void add_to_eight_lanes(Matrix& x) {
  const double tenth = 0.1 * x.sigma();
  for (std::size_t i = x.columns - 8; i < x.columns; ++i) x(x.rows - 1, i) += tenth;
}

/// What a loop of eight lanes leaves out if it has no tail.
void zero_tail(Matrix& x) {
  for (std::size_t row = 0; row < x.rows; ++row) {
    for (std::size_t i = x.columns - x.columns % 8; i < x.columns; ++i) x(row, i) = 0.0;
  }
}

/// The same, with what the row before left there.
void stale_tail(Matrix& x) {
  for (std::size_t row = x.rows; row-- > 1;) {
    for (std::size_t i = x.columns - x.columns % 8; i < x.columns; ++i) x(row, i) = x(row - 1, i);
  }
}

std::vector<Mutant> elements_and_lanes() {
  return {
      small("one-element-1-sigma", "one element is off by 1 sigma", "granitemoe_prefill", in_layer(0, 1, Site::moe_out),
            one_element(1.0)),
      small("one-element-0.01-sigma", "one element is off by 0.01 sigma", "granitemoehybrid_cache",
            in_layer(0, 0, Site::mixer_out), one_element(0.01)),
      small("one-logit-0.01-sigma", "one logit is off by 0.01 sigma", "granitemoeshared_prefill",
            in_model(0, Site::logits), one_element(0.01)),
      {"one-element-10-noise", "one element is off by ten times the noise", no_trap, "phimoe_prefill",
       in_layer(0, 0, Site::attn_out),
       [](BrokenModel& m) {
         const double error = 10.0 * m.noise(in_layer(0, 0, Site::attn_out));
         emit_at(m, in_layer(0, 0, Site::attn_out), [=](Matrix& x) { one_of(x) += error; });
       }},
      {"one-element-100-noise", "one element is off by a hundred times the noise", no_trap, "granitemoeshared_prefill",
       in_layer(0, 1, Site::attn_norm_out),
       [](BrokenModel& m) {
         const double error = 100.0 * m.noise(in_layer(0, 1, Site::attn_norm_out));
         emit_at(m, in_layer(0, 1, Site::attn_norm_out), [=](Matrix& x) { one_of(x) += error; });
       }},
      small("one-sign-wrong", "one element has the wrong sign", "phimoe_prefill", in_layer(0, 2, Site::expert_out),
            [](Matrix& x) { one_of(x) = -one_of(x); }),
      small("eight-lanes-0.1-sigma", "the last eight lanes of the last row are off by 0.1 sigma", "granitemoe_prefill",
            in_layer(0, 0, Site::q_proj), add_to_eight_lanes),
      small("tail-dropped", "the last n mod 8 channels are never written", "granitemoehybrid_cache",
            in_layer(0, 0, Site::in_proj), zero_tail),
      small("tail-dropped-attention", "the last n mod 8 channels of k_proj are never written", "phimoe_prefill",
            in_layer(0, 1, Site::k_proj), zero_tail),
      small("tail-stale", "the last n mod 8 channels are those of the row before", "granitemoeshared_prefill",
            in_layer(0, 0, Site::shared_gate_up), stale_tail),
  };
}

std::vector<Mutant> rows_and_columns() {
  return {
      small("one-row-x-1.001", "one row is a thousandth too large", "granitemoeshared_prefill",
            in_layer(0, 0, Site::layer_out), one_row(3, 1.001)),
      small("one-row-x-1.000001", "one row is a millionth too large", "phimoe_bias", in_layer(0, 1, Site::mixer_out),
            one_row(5, 1.0 + 1e-6), "right runs of transformers are off by as much in a row of this site"),
      small("one-row-zero", "one row is never written", "granitemoehybrid_dense", in_layer(0, 0, Site::gated_norm_out),
            one_row(7, 0.0)),
      small("one-channel-x-1.001", "one channel is a thousandth too large", "granitemoe_prefill",
            in_model(0, Site::final_norm_out), columns(11, 12, 1.001)),
      small("one-head-x-1.0001", "one head is a ten-thousandth too large", "phimoe_prefill",
            in_layer(0, 1, Site::attn_out), columns(8, 12, 1.0001)),
      small("token-rows-swapped", "two tokens change places", "phimoe_prefill", in_layer(0, 0, Site::ffn_norm_out),
            swap_rows(1, 2)),
      small("token-rows-of-a-scan-swapped", "two tokens of the scan change places", "granitemoehybrid_groups",
            in_layer(0, 0, Site::ssm_out), swap_rows(4, 5)),
      small("channels-swapped", "two channels change places", "granitemoehybrid_groups",
            in_layer(0, 0, Site::mixer_out), [](Matrix& x) { swap_blocks(x.values, x.columns, 1, 3, 4); }),
      small("logits-one-token-late", "each token has the logits of the token before", "granitemoeshared_prefill",
            in_model(0, Site::logits),
            [](Matrix& x) { std::copy_backward(x.values.begin(), x.values.end() - 29, x.values.end()); }),
  };
}

std::vector<Mutant> factors() {
  return {
      small("all-x-1.0001", "a whole site is a ten-thousandth too large", "granitemoehybrid_groups",
            in_layer(0, 0, Site::ssm_out), whole(1.0001)),
      small("all-x-1.000001", "a whole site is a millionth too large", "phimoe_prefill",
            in_layer(0, 0, Site::mixer_out), whole(1.0 + 1e-6)),
      small("all-x-1.0000001", "a whole site is one part in ten million too large", "granitemoe_prefill",
            in_layer(0, 1, Site::layer_out), whole(1.0 + 1e-7),
            "less than a unit in the last place: 288 elements are too few for it to stand out as a bias"),
      small("all-plus-0.001-sigma", "a whole site is off by 0.001 sigma", "granitemoehybrid_cache",
            in_layer(0, 1, Site::moe_out),
            [](Matrix& x) {
              const double offset = 0.001 * x.sigma();
              for (double& value : x.values) value += offset;
            }),
  };
}

/// The first element that is not zero moves by the last place of float32.
void move_by_a_last_place(Matrix& x) {
  const auto first = std::ranges::find_if(x.values, [](double value) { return value != 0.0; });
  if (first != x.values.end()) *first *= 1.0 + 0x1p-23;
}

/// On goldens of integers, which any order of summation gives exactly.
std::vector<Mutant> last_places() {
  return {
      small("last-place-of-a-score", "one attention score is off in its last place", "granitemoe_exact",
            in_layer(0, 0, Site::attn_scores), move_by_a_last_place),
      small("last-place-of-a-shared-mlp", "one output of a shared MLP is off in its last place",
            "granitemoeshared_exact", in_layer(0, 1, Site::shared_mlp_out), move_by_a_last_place),
      small("last-place-of-an-in-proj", "one output of in_proj is off in its last place", "granitemoehybrid_exact",
            in_layer(1, 0, Site::in_proj), move_by_a_last_place),
      small("last-place-of-an-expert", "one output of an expert is off in its last place", "phimoe_exact",
            in_layer(0, 1, Site::expert_out), move_by_a_last_place),
  };
}

std::vector<Mutant> experts() {
  return {
      small("expert-of-a-token-5-percent", "a twentieth of one token's expert output is another token's",
            "granitemoe_prefill", in_layer(0, 0, Site::expert_out),
            [](Matrix& x) {
              for (std::size_t i = 0; i < x.columns; ++i) x(6, i) = 0.95 * x(6, i) + 0.05 * x(9, i);
            }),
      small("slot-weights-swapped", "the weights of a token's first two experts change places",
            "granitemoeshared_prefill", in_layer(0, 1, Site::router_weights),
            [](Matrix& x) { std::swap(x(4, 0), x(4, 1)); }),
      small("slot-weights-of-another-token", "each token weighs its experts as the token before",
            "granitemoehybrid_cache", in_layer(0, 1, Site::router_weights),
            [](Matrix& x) { std::copy_backward(x.values.begin(), x.values.end() - 3, x.values.end()); }),
      {"slot-dropped", "the last expert of each token is not summed", no_trap, "granitemoehybrid_groups",
       in_layer(0, 0, Site::moe_out),
       [](BrokenModel& m) {
         go_on_at(m, in_layer(0, 0, Site::expert_out), [](Matrix& x) {
           for (std::size_t row = 2; row < x.rows; row += 3) {
             for (std::size_t i = 0; i < x.columns; ++i) x(row, i) = 0.0;
           }
         });
       }},
      small("token-dropped-by-capacity", "one token gets nothing from its experts", "phimoe_bias",
            in_layer(0, 0, Site::moe_out), one_row(11, 0.0)),
      {"router-of-the-layer-before", "a layer has the router of the layer before", no_trap, "phimoe_prefill",
       in_layer(0, 1, Site::router_logits),
       [](BrokenModel& m) {
         m.weight("model.layers.1.block_sparse_moe.gate.weight") =
             m.weight("model.layers.0.block_sparse_moe.gate.weight");
       }},
      {"one-weight-off", "one weight of one expert is off by a thousandth", no_trap, "granitemoehybrid_groups",
       in_layer(0, 0, Site::expert_out),
       [](BrokenModel& m) { m.weight("model.layers.0.block_sparse_moe.output_linear.weight")[0] *= 1.001; }},
  };
}

}  // namespace

std::vector<Mutant> small_error_mutants() {
  std::vector<Mutant> all;
  for (const auto& list : {elements_and_lanes, rows_and_columns, factors, last_places, experts}) {
    std::vector<Mutant> some = list();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace assay::selftest
