#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""bench-miniflux.c in PyTorch, on the CPU: the same network, shapes and steps.

    bench-miniflux.py PYRAMID_FLOW [BATCH [FRAMES [SIDE [RUNS]]]]

PYRAMID_FLOW is a checkout of https://github.com/jy0205/Pyramid-Flow, see ../golden/make-miniflux.py.
The original repeats every modulation vector for each token and copies it; "lean" runs it without
that, which is the fairer opponent. As many threads as TPDIFF_THREADS says, else two.
"""
import importlib.util
import json
import os
import pathlib
import sys
import time

import torch

CONFIG = dict(in_channels=64, num_layers=2, num_single_layers=4, attention_head_dim=64,
              num_attention_heads=3, joint_attention_dim=192, pooled_projection_dim=192,
              axes_dims_rope=[16, 24, 24], use_temporal_causal=False)
TEXT_TOKENS = 16


def import_original(root):
    path = pathlib.Path(__file__).parent.parent / "golden" / "make-miniflux.py"
    spec = importlib.util.spec_from_file_location("make_miniflux", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.import_original(root)


def make_lean(model):
    """Modulates by broadcasting: shift, scale and gate [B, 1, D]."""
    for module in model.modules():
        kind = type(module).__name__
        if kind in ("AdaLayerNormZero", "AdaLayerNormZeroSingle"):
            def forward(x, emb=None, hidden_length=None, self=module):
                n = self.linear.out_features // x.shape[2]
                parts = self.linear(self.silu(emb))[:, None].chunk(n, dim=2)
                x = self.norm(x) * (1 + parts[1]) + parts[0]
                if n == 3:
                    return x, parts[2]
                gates = parts[2:] if hidden_length is not None else [p[:, 0] for p in parts[2:]]
                return x, *gates
            module.forward = forward
        elif kind == "AdaLayerNormContinuous":
            module.forward_with_pad = lambda x, c, hidden_length, self=module: \
                type(self).forward(self, x, c)


def best(name, run, runs):
    """The fastest of some runs after one to warm up: on the clock, and of all cores."""
    run()
    fastest = [float("inf"), float("inf")]
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        fastest = [min(fastest[0], time.perf_counter() - wall),
                   min(fastest[1], time.process_time() - cpu)]
    return {name + "_s": round(fastest[0], 4), name + "_cpu_s": round(fastest[1], 4)}


def main():
    batch, frames, side, runs = [int(v) for v in sys.argv[2:]] + [32, 16, 8, 5][len(sys.argv) - 2:]
    torch.set_num_threads(int(os.environ.get("TPDIFF_THREADS", 2)))
    torch.manual_seed(1)
    model_class = import_original(sys.argv[1])
    x = torch.randn(batch, CONFIG["in_channels"] // 4, frames, side, side)
    target = torch.randn_like(x)
    text = torch.randn(batch, TEXT_TOKENS, CONFIG["joint_attention_dim"])
    pooled = torch.randn(batch, CONFIG["pooled_projection_dim"])
    mask = (torch.arange(TEXT_TOKENS) < TEXT_TOKENS // 2).int().repeat(batch, 1)
    timesteps = torch.zeros(batch)

    for lean in (False, True):
        model = model_class(**CONFIG)
        if lean:
            make_lean(model)

        def forward():
            with torch.no_grad():
                model([[x]], text, mask, pooled, timesteps)

        def both():
            [y] = model([[x]], text, mask, pooled, timesteps)
            torch.nn.functional.mse_loss(y, target).backward()
            model.zero_grad()

        print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(),
                          "lean": lean, "batch": batch, "frames": frames, "side": side,
                          **best("forward", forward, runs),
                          **best("forward_backward", both, runs)}), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
