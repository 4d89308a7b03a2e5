#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the golden files of test-miniflux.c from the original PyTorch code of miniFLUX.

    make-miniflux.py PYRAMID_FLOW [OUT_DIR]

PYRAMID_FLOW is a checkout of https://github.com/jy0205/Pyramid-Flow, commit
3040d717b0ef48f0dfb10d0eb9f3c1d0b55442e0; only pyramid_dit/flux_modules/ is read. Made with torch
2.15.0, diffusers 0.42.1, einops 0.8.2, safetensors 0.8.0, on the CPU. OUT_DIR defaults to data/.

Writes miniflux-weights.safetensors (one seeded network; layers that start at zero are random, or
they would hide what is behind them) and one file a case with its inputs, its output and, for
loss = sum (output · probe), the gradients of all inputs and parameters. Clips are stored as
[B, F, C, H, W]; the original takes [B, C, F, H, W].
"""
import importlib
import json
import math
import pathlib
import sys
import types

import torch
from safetensors.torch import save_file

CONFIG = {
    "patch_size": 1,
    "in_channels": 16,
    "num_layers": 2,
    "num_single_layers": 2,
    "attention_head_dim": 10,
    "num_attention_heads": 2,
    "joint_attention_dim": 12,
    "pooled_projection_dim": 14,
    "axes_dims_rope": [4, 4, 2],
}

# batch, frames, height, width in latent pixels, text tokens, how many of them are real per sample
CASES = {
    "plain": dict(causal=False, stride=1, shape=(2, 3, 4, 6), text=5, real=(5, 5)),
    "padded": dict(causal=False, stride=2, shape=(3, 2, 4, 4), text=6, real=(4, 6, 1)),
    "causal": dict(causal=True, stride=1, shape=(2, 5, 4, 2), text=4, real=(4, 3)),
    "causal-strided": dict(causal=True, stride=4, shape=(2, 3, 2, 4), text=3, real=(2, 3)),
}


def import_original(root):
    """Imports the transformer without its package, whose __init__ wants a GPU and much else."""
    misc = types.ModuleType("trainer_misc")
    misc.is_sequence_parallel_initialized = lambda: False
    for name in ("get_sequence_parallel_group", "get_sequence_parallel_world_size",
                 "get_sequence_parallel_rank", "all_to_all"):
        setattr(misc, name, None)
    sys.modules["trainer_misc"] = misc
    package = types.ModuleType("flux_modules")
    package.__path__ = [str(pathlib.Path(root) / "pyramid_dit" / "flux_modules")]
    sys.modules["flux_modules"] = package
    return importlib.import_module("flux_modules.modeling_pyramid_flux").PyramidFluxTransformer


def strided(model, stride):
    """Frame n at temporal position n · stride, which the original cannot do itself."""
    original = type(model)._prepare_image_ids

    def prepare(*args, **kwargs):
        ids = original(model, *args, **kwargs)
        ids[..., 0] *= stride
        return ids

    model._prepare_image_ids = prepare


def randomize(model, generator):
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=generator)
        if "norm_q" in name or "norm_k" in name or "norm_added" in name:
            p.data = 1 + 0.2 * noise
        elif p.dim() == 1:
            p.data = 0.1 * noise
        else:
            p.data = noise / math.sqrt(p.shape[1])


def run_case(model, causal, stride, shape, text, real, generator):
    batch, frames, height, width = shape
    channels = CONFIG["in_channels"] // 4
    x = torch.randn(batch, frames, channels, height, width, generator=generator)
    states = torch.randn(batch, text, CONFIG["joint_attention_dim"], generator=generator)
    pooled = torch.randn(batch, CONFIG["pooled_projection_dim"], generator=generator)
    probe = torch.randn(x.shape, generator=generator)
    timesteps = 1000 * torch.rand(batch, generator=generator)
    mask = (torch.arange(text)[None, :] < torch.tensor(real)[:, None]).int()

    for tensor in (x, states, pooled):
        tensor.requires_grad_(True)
    model.zero_grad()
    model.use_temporal_causal = causal
    strided(model, stride)
    [out] = model([[x.transpose(1, 2)]], states, mask, pooled, timesteps)
    out = out.transpose(1, 2)
    (out * probe).sum().backward()

    tensors = {"x": x, "text": states, "pooled": pooled, "timesteps": timesteps, "mask": mask,
               "probe": probe, "output": out, "grad.x": x.grad, "grad.text": states.grad,
               "grad.pooled": pooled.grad}
    for name, p in model.named_parameters():
        tensors["grad.param." + name] = p.grad
    return tensors


def save(tensors, path, metadata):
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, path, metadata)
    print(f"{path}: {path.stat().st_size} bytes")


def main():
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).parent / "data"
    torch.set_default_dtype(torch.float32)
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(20250311)
    model = import_original(sys.argv[1])(**CONFIG).eval()
    randomize(model, generator)
    save(dict(model.named_parameters()), out / "miniflux-weights.safetensors",
         {"config": json.dumps(CONFIG)})
    for name, case in CASES.items():
        config = dict(CONFIG, use_temporal_causal=case["causal"])
        save(run_case(model, generator=generator, **case), out / f"miniflux-{name}.safetensors",
             {"config": json.dumps(config), "frame_stride": str(case["stride"])})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
