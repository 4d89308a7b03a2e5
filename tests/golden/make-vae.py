#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the golden files of test-vae.c from diffusers' AutoencoderKL.

    make-vae.py [OUT_DIR]

Made with torch 2.15.0, diffusers 0.42.1, safetensors 0.8.0, on the CPU. OUT_DIR defaults to data/.

Writes one file a case: a seeded network, images, mean, logvar, latents of the mean, the decoded sample of a given
noise, and, for loss = mean (decoded · probe) + KL divergence, the gradients of images and parameters. Images are
stored as [N, H, W, 3].
"""
import json
import math
import pathlib
import sys

import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file

CASES = {
    "attention": dict(
        config=dict(block_out_channels=[4, 8], layers_per_block=1, norm_num_groups=2, latent_channels=3,
                    scaling_factor=0.7, shift_factor=0.25),
        images=(3, 8, 12), old_names=True),
    "plain": dict(
        config=dict(block_out_channels=[4, 6, 8], layers_per_block=2, norm_num_groups=2, latent_channels=2,
                    scaling_factor=1.3, use_quant_conv=False, use_post_quant_conv=False,
                    mid_block_add_attention=False),
        images=(2, 12, 8), old_names=False),
}
OLD_NAMES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


def randomize(model, generator):
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=generator)
        if "norm" in name and name.endswith("weight"):
            p.data = 1 + 0.2 * noise
        elif p.dim() == 1:
            p.data = 0.1 * noise
        else:
            p.data = noise / math.sqrt(p[0].numel())


def old_name(name):
    for new, old in OLD_NAMES.items():
        name = name.replace(f"attentions.0.{new}.", f"attentions.0.{old}.")
    return name


def run_case(config, images, old_names, generator):
    n = len(config["block_out_channels"])
    config = dict(config, down_block_types=["DownEncoderBlock2D"] * n, up_block_types=["UpDecoderBlock2D"] * n)
    model = AutoencoderKL(**config)
    randomize(model, generator)
    count, height, width = images
    x = (2 * torch.rand(count, height, width, 3, generator=generator) - 1).requires_grad_(True)
    posterior = model.encode(x.permute(0, 3, 1, 2)).latent_dist
    mean, logvar = posterior.mean, posterior.logvar
    noise = torch.randn(mean.shape, generator=generator)
    decoded = model.decode(mean + posterior.std * noise).sample.permute(0, 2, 3, 1)
    probe = torch.randn(decoded.shape, generator=generator)
    divergence = posterior.kl().sum() / mean.numel()
    ((decoded * probe).mean() + divergence).backward()

    latents = (mean - config.get("shift_factor", 0)) * config["scaling_factor"]
    tensors = {"images": x, "mean": mean, "logvar": logvar, "noise": noise, "decoded": decoded, "probe": probe,
               "divergence": divergence[None], "latents": latents,
               "decoded_mean": model.decode(mean).sample.permute(0, 2, 3, 1), "grad.images": x.grad}
    for name, p in model.named_parameters():
        tensors[old_name(name) if old_names else name] = p
        # Softmax cancels the bias of keys: what autograd gives is rounding noise.
        tensors["grad.param." + name] = torch.zeros_like(p) if name.endswith("to_k.bias") else p.grad
    return tensors, config


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "data"
    generator = torch.Generator().manual_seed(20211220)
    for name, case in CASES.items():
        tensors, config = run_case(generator=generator, **case)
        path = out / f"vae-{name}.safetensors"
        save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, path,
                  {"config": json.dumps(config)})
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
