"""options/: what adapter_config.json can say, merged adapters, other optimisers; all on architectures/llama3, the row and the
batch of architectures.py.

  options/NAME             an adapter with one option of PEFT
  options/refused/NAME     adapters that the engine does not compute, or that match no layer; nothing here reads them again
  options/merged/NAME      linear and cat: what add_weighted_adapter makes of 0.7 first + 0.3 second, and of 0.7 first + 0.3 other
  options/values.safetensors  NAME.logits and merged/NAME.logits [T, V] of the row
  options/values.json
      options    names of the option directories; each lists its modules, with rank and scale, as PEFT has them
      merged     sources and weights
      training   20 steps each of LoRA+ (PEFT's create_loraplus_optimizer) from all-linear/ and of AdamW from rslora/
      logprobs   of each token of a text after the first, base and all-linear/
"""
import shutil

import torch
from peft import PeftModel
from peft.optimizers import create_loraplus_optimizer
from peft.tuners.lora import LoraLayer
from safetensors.torch import save_file
from tokenizers import Tokenizer

import common
from architectures import BATCH, ROW

OPTIONS = common.HERE / "options"
BASE = common.ARCHITECTURES / "llama3"
WEIGHTS = [0.7, 0.3]
PAIR = ["q_proj", "down_proj"]
# first match wins, in the order of the file, which PEFT sorts by key
RANKS = {"^model.layers.0.self_attn.o_proj": 1, r"layers\.1\..*down_proj": 6, "model.layers.0.self_attn.v_proj": 5,
         "q_proj": 2, "v_proj": 3}
ALPHAS = {r".*\.1\.mlp\.(gate|up)_proj": 12, "self_attn.k_proj": 3, "v_proj": 16}
ALL = {
    "list": {"target_modules": PAIR},
    "regex": {"target_modules": r".*layers\.1\..*(q|v)_proj"},
    "all-linear": {"target_modules": "all-linear"},
    "full-names": {"target_modules": ["model.layers.0.self_attn.q_proj", "model.layers.1.mlp.up_proj"]},
    "suffixes": {"target_modules": ["self_attn.k_proj", "0.mlp.gate_proj"]},
    "rslora": {"use_rslora": True},
    "patterns": {"rank_pattern": RANKS, "alpha_pattern": ALPHAS},
    "rslora-patterns": {"use_rslora": True, "rank_pattern": RANKS, "alpha_pattern": ALPHAS},
    "layer": {"target_modules": PAIR, "layers_to_transform": 1},
    "layers": {"target_modules": PAIR, "layers_to_transform": [0]},
    "layers-pattern": {"target_modules": PAIR, "layers_to_transform": [1], "layers_pattern": "layers"},
    "exclude-list": {"exclude_modules": ["k_proj", "model.layers.0.mlp.up_proj"]},
    "exclude-regex": {"exclude_modules": r".*\.0\.(self_attn|mlp)\.(q|k|up).*"},
}
REFUSED = {"dora": {"use_dora": True}, "modules-to-save": {"modules_to_save": ["lm_head"]}, "bias-all": {"bias": "all"},
           "lora-bias": {"lora_bias": True}, "token-indices": {"trainable_token_indices": [5]}}
# target modules, first module of the weights
NO_MATCH = {"no-module": ({"target_modules": ["c_attn"]}, "transformer.h.0.attn.c_attn"),
            "no-layer": ({"layers_to_transform": [7]}, "model.layers.7.self_attn.q_proj")}


def modules(model):
    return {name.removeprefix("base_model.model."): {"rank": layer.r["default"], "scale": layer.scaling["default"]}
            for name, layer in model.named_modules() if isinstance(layer, LoraLayer)}


def make_options(tensors):
    found = {}
    plain = common.logits(common.load(BASE), ROW)
    for i, (name, options) in enumerate(ALL.items()):
        model = common.with_adapter(common.load(BASE), 40 + i, **options)
        common.save_adapter(model, OPTIONS / name, "llama3")
        if options.get("target_modules") == "all-linear":
            # PEFT writes out what it stands for; others write the word
            common.edit(OPTIONS / name / "adapter_config.json", target_modules="all-linear")
        found[name] = modules(model)
        tensors[name + ".logits"] = common.logits(model, ROW)
        again = PeftModel.from_pretrained(common.load(BASE), OPTIONS / name)
        assert torch.equal(common.logits(again, ROW), tensors[name + ".logits"]), f"{name}: read again it differs"
        off = (tensors[name + ".logits"] - plain).abs().max().item()
        assert off > 0.05, f"{name}: only {off} away from the base"
        print(f"{name}: {len(found[name])} modules, {off:.2f} away from the base")
    return found


def make_refused():
    for i, (name, options) in enumerate(REFUSED.items()):
        model = common.with_adapter(common.load(BASE), 70 + i, r=1, **{"target_modules": ["q_proj"]} | options)
        common.save_adapter(model, OPTIONS / "refused" / name, "llama3")
    for name, (options, module) in NO_MATCH.items():
        directory = OPTIONS / "refused" / name
        shutil.copytree(OPTIONS / "list", directory)
        common.edit(directory / "adapter_config.json", **options)
        save_file({f"base_model.model.{module}.lora_A.weight": torch.ones(4, 32),
                   f"base_model.model.{module}.lora_B.weight": torch.ones(32, 4)}, directory / "adapter_model.safetensors")


def make_merged(tensors):
    merged = OPTIONS / "merged"
    sources = {"first": {}, "second": {"lora_alpha": 16}, "other": {"r": 6, "lora_alpha": 3, "target_modules": ["q_proj", "v_proj", "down_proj"]}}
    for i, (name, options) in enumerate(sources.items()):
        common.save_adapter(common.with_adapter(common.load(BASE), 80 + i, **options), merged / name, "llama3")
    recipes = {"linear": ["first", "second"], "cat": ["first", "other"]}
    for how, names in recipes.items():
        model = PeftModel.from_pretrained(common.load(BASE), merged / names[0], adapter_name=names[0])
        model.load_adapter(merged / names[1], adapter_name=names[1])
        model.add_weighted_adapter(names, WEIGHTS, how, combination_type=how)
        model.set_adapter(how)
        tensors[f"merged/{how}.logits"] = common.logits(model, ROW)
        common.save_adapter(model, merged, "llama3", how)
    return {how: {"adapters": names, "weights": WEIGHTS} for how, names in recipes.items()}


def make_training():
    batch, trained = common.padded(BATCH), {}
    model = PeftModel.from_pretrained(common.load(BASE), OPTIONS / "all-linear", is_trainable=True)
    optimiser = create_loraplus_optimizer(model, torch.optim.AdamW, lr=1e-3, loraplus_lr_ratio=16.0, betas=(0.9, 0.999),
                                          eps=1e-8, loraplus_weight_decay=0.01)
    trained["loraplus"] = {"adapter": "all-linear", "rate": 1e-3, "ratio": 16.0, "weight_decay": 0.01}
    trained["loraplus"] |= common.train(model, batch, optimiser)
    model = PeftModel.from_pretrained(common.load(BASE), OPTIONS / "rslora", is_trainable=True)
    trained["rslora"] = {"adapter": "rslora", "rate": 1e-2, "ratio": 1.0, "weight_decay": 0.01}
    trained["rslora"] |= common.train(model, batch, common.adamw(model))
    return trained


def make_log_probabilities():
    text = "Who runs Tallow Mills?"
    plain = Tokenizer.from_file(str(BASE / "tokenizer.json")).encode(text, add_special_tokens=False).ids
    rows = []
    for ids in (plain, [common.BOS] + plain):
        for adapter in (None, "all-linear"):
            model = common.load(BASE)
            model = PeftModel.from_pretrained(model, OPTIONS / adapter) if adapter else model
            rows.append({"text": text, "adapter": adapter, "input_ids": ids, "logprobs": common.log_probabilities(model, ids)})
    return rows


def make_all():
    shutil.rmtree(OPTIONS, ignore_errors=True)
    tensors = {}
    values = {"ids": ROW, "options": make_options(tensors)}
    make_refused()
    values |= {"merged": make_merged(tensors), "training": make_training(), "logprobs": make_log_probabilities()}
    common.write(OPTIONS, tensors, values)
    print({name: [round(x, 3) for x in one["losses"]] for name, one in values["training"].items()})
