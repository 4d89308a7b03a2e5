#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the golden files of test-clip-text.c from transformers' CLIPTextModel.

    make-clip-text.py [OUT_DIR]

Made with torch 2.15.0, transformers 5.23.0, safetensors 0.8.0, on the CPU. OUT_DIR defaults to data/.

Writes one file a case: a seeded network, ids, states, pooled states, and, for loss = sum (states · probe) +
sum (pooled · probe_pooled), the gradients of all parameters. Tensors have the names of published checkpoints, or, in
one case, those that transformers 5 saves.
"""
import json
import math
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

PREFIX = "text_model."
# The end token is 29; 2 in a config means "the largest id", as in SD 1.5. After the end, padding.
CASES = {
    "sd15": dict(config=dict(hidden_act="quick_gelu", eos_token_id=2), prefix=PREFIX,
                 ids=[[28, 4, 7, 2, 29, 29, 29], [28, 29, 29, 29, 29, 29, 29], [28, 1, 1, 5, 6, 3, 29]]),
    "gelu": dict(config=dict(hidden_act="gelu", eos_token_id=20, layer_norm_eps=1e-6), prefix="",
                 ids=[[28, 4, 20, 29, 0], [28, 9, 27, 13, 20]]),
}
SIZES = dict(vocab_size=30, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
             max_position_embeddings=7, projection_dim=12, bos_token_id=28, pad_token_id=29)


def randomize(model, generator):
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=generator)
        if "norm" in name and name.endswith("weight"):
            p.data = 1 + 0.2 * noise
        elif p.dim() == 1:
            p.data = 0.1 * noise
        elif "embedding" in name:
            p.data = noise
        else:
            p.data = noise / math.sqrt(p.shape[1])


def run_case(config, prefix, ids, generator):
    config = dict(SIZES, **config)
    model = CLIPTextModel(CLIPTextConfig(**config)).eval()
    randomize(model, generator)
    ids = torch.tensor(ids)
    output = model(input_ids=ids)
    states, pooled = output.last_hidden_state, output.pooler_output
    probe = torch.randn(states.shape, generator=generator)
    probe_pooled = torch.randn(pooled.shape, generator=generator)
    ((states * probe).sum() + (pooled * probe_pooled).sum()).backward()

    tensors = {"ids": ids.int(), "states": states, "pooled": pooled, "probe": probe, "probe_pooled": probe_pooled}
    for name, p in model.named_parameters():
        name = name.removeprefix(PREFIX)
        tensors[prefix + name] = p
        # Softmax cancels the bias of keys: what autograd gives is rounding noise.
        tensors["grad.param." + PREFIX + name] = torch.zeros_like(p) if name.endswith("k_proj.bias") else p.grad
    return tensors, config


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "data"
    generator = torch.Generator().manual_seed(20210226)
    for name, case in CASES.items():
        tensors, config = run_case(generator=generator, **case)
        path = out / f"clip-text-{name}.safetensors"
        save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, path,
                  {"config": json.dumps(config)})
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
