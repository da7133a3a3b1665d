"""architectures/NAME: a tiny random checkpoint of each architecture, and what transformers and PEFT make of it.

  config.json         in the spelling of today (rope_parameters, dtype) or in the older one (rope_theta, rope_scaling, torch_dtype)
  config.other.json   the same in the other spelling; transformers gives the same logits with it
  adapter/            LoRA of every projection, B not zero
  values.json         ids (one row), batch (ids; mask: which tokens are learned), prompt, greedy continuations without the end
                      token and log-probabilities of the row, base and adapter, and the batch's loss through the adapter
  values.safetensors  base.logits, adapter.logits [T, V] of the row; gradient.NAME of the batch's loss
  trained/, values.json "training"   qwen3 only: 20 steps of AdamW

What makes an architecture special must show in its numbers: plain() is the model without it, whose logits have to be far away.
"""
import copy
import json

import torch
from transformers import LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

import common

ROW = [1, 99, 98, 97, 96, 20, 21, 200, 23, 24, 150, 26, 27, 2]
# the first row is learned in two places, as in a conversation of two turns
BATCH = [
    ([1, 40, 77, 130, 9, 55, 201, 33, 2, 61, 62, 2], [0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1]),
    common.learned_from([1, 66, 12, 250, 2], 3),
    common.learned_from(ROW, 1),
]
TOKENS = 24
# two of the largest logits nearer than this could change places by rounding
SURE = 1e-3
FAR = 0.05
# where the usual seed gives a draw
SEEDS = {"mistral-full": 316, "qwen3": 220}
DEFAULT = {"rope_type": "default", "rope_theta": 10000.0}
SCALED = {
    "llama3": {"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0,
               "high_freq_factor": 4.0, "original_max_position_embeddings": 128},
    "llama-linear": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0},
    "llama-yarn": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "attention_factor": 1.25,
                   "beta_fast": 16.0, "beta_slow": 2.0, "original_max_position_embeddings": 256},
    "qwen2-yarn": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 256},
}
NARROW = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
          "num_key_value_heads": 1, "max_position_embeddings": 64}
F32, F16, BF16 = torch.float32, torch.float16, torch.bfloat16


class Architecture:
    def __init__(self, kind, dtype, config, old=False, shard="1GB", without=None, neutral=None, extra=None):
        """without: configuration of the plain model; neutral: parameters that are neutral in it;
        extra: keys that released configurations of this kind carry and that change nothing."""
        self.kind, self.dtype, self.config, self.old, self.shard = kind, dtype, config, old, shard
        self.without, self.neutral, self.extra = without or {}, neutral, extra or {}


ALL = {
    "llama2": Architecture(LlamaConfig, F16, NARROW | {"num_key_value_heads": 2, "rms_norm_eps": 1e-5}, old=True,
                           without={"rms_norm_eps": 0.1}),
    # heads of 16: frequencies on all three sides of the two wavelengths of the formula
    "llama3": Architecture(LlamaConfig, BF16, NARROW | {
        "hidden_size": 32, "rms_norm_eps": 1e-5, "max_position_embeddings": 1024, "rope_parameters": SCALED["llama3"]},
        old=True, shard="20KB", without={"rope_parameters": DEFAULT}),
    "llama-linear": Architecture(LlamaConfig, F32, NARROW | {"rope_parameters": SCALED["llama-linear"]}, old=True,
                                 without={"rope_parameters": DEFAULT}),
    "llama-yarn": Architecture(LlamaConfig, F32, NARROW | {
        "head_dim": 16, "max_position_embeddings": 1024, "rope_parameters": SCALED["llama-yarn"]},
        without={"rope_parameters": DEFAULT}),
    "llama-bias": Architecture(LlamaConfig, F32, NARROW | {"attention_bias": True}, neutral="bias"),
    "mistral": Architecture(MistralConfig, BF16, NARROW | {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 10,
                                                           "sliding_window": 4}, old=True, without={"sliding_window": None}),
    "mistral-full": Architecture(MistralConfig, F32, NARROW | {"sliding_window": None}, without={"sliding_window": 4}),
    # a window that is not used must change nothing
    "qwen2": Architecture(Qwen2Config, F32, NARROW | {"tie_word_embeddings": True}, old=True, neutral="bias",
                          extra={"sliding_window": 4, "use_sliding_window": False, "max_window_layers": 1}),
    "qwen2-window": Architecture(Qwen2Config, BF16, NARROW | {
        "num_hidden_layers": 3, "use_sliding_window": True, "max_window_layers": 1, "sliding_window": 4},
        without={"layer_types": ["full_attention"] * 3}),
    "qwen2-yarn": Architecture(Qwen2Config, BF16, NARROW | {
        "hidden_size": 32, "max_position_embeddings": 1024, "rope_parameters": SCALED["qwen2-yarn"]}, old=True,
        without={"rope_parameters": DEFAULT}),
    "qwen3": Architecture(Qwen3Config, F32, NARROW | {
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 12, "tie_word_embeddings": True,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0}}, neutral="q_norm|k_norm"),
    "smollm2": Architecture(LlamaConfig, BF16, NARROW | {
        "num_attention_heads": 3, "num_key_value_heads": 1, "hidden_size": 24, "tie_word_embeddings": True, "rms_norm_eps": 1e-5,
        "rope_parameters": {"rope_type": "default", "rope_theta": 100000.0}}, old=True,
        without={"rope_parameters": DEFAULT}, extra={"is_llama_config": True, "rope_interleaved": False}),
    "tinyllama": Architecture(LlamaConfig, F16, NARROW | {"hidden_size": 32, "num_attention_heads": 8, "rms_norm_eps": 1e-5},
                              old=True, without={"rms_norm_eps": 0.1}),
}


def older(config):
    """The spelling of before rope_parameters."""
    config = dict(config)
    rope = config.pop("rope_parameters")
    config["torch_dtype"] = config.pop("dtype")
    config["rope_theta"] = rope.pop("rope_theta")
    kind = rope.pop("rope_type")
    # Llama 3 came with the newer of the two names of the type
    name = "rope_type" if kind == "llama3" else "type"
    config["rope_scaling"] = None if kind == "default" else {name: kind} | rope
    config.pop("layer_types", None)
    return config


def spell(directory, architecture, row):
    """Leaves config.json and config.other.json; transformers must read the same model from both."""
    file, other = directory / "config.json", directory / "config.other.json"
    newer = json.loads(file.read_text()) | architecture.extra
    older_ = older(copy.deepcopy(newer))
    texts = [json.dumps(config, indent=2, sort_keys=True) + "\n" for config in (newer, older_)]
    found = []
    for text in texts:
        file.write_text(text)
        found.append(common.logits(common.load(directory), row))
    assert torch.equal(*found), f"{directory.name}: the two spellings differ"
    file.write_text(texts[architecture.old])
    other.write_text(texts[not architecture.old])


def plain(directory, architecture):
    """The same weights without what makes the architecture special."""
    model = common.load(directory, **architecture.without)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if architecture.neutral and any(part in name for part in architecture.neutral.split("|")):
                weight.fill_(1.0 if "norm" in name else 0.0)
    return model


def continuation(name, model, ends):
    written = common.greedy(model, TOKENS, ends)
    assert written == common.greedy(model, TOKENS, ends, cache=False), f"{name}: the cache changes what is written"
    top = common.logits(model, common.PROMPT + written)[len(common.PROMPT) - 1 :].topk(2, dim=-1).values
    assert (top[:, 0] - top[:, 1]).min() > SURE, f"{name}: greedy choices too near to a draw; take another seed"
    return written


def make(name, seed):
    architecture, directory = ALL[name], common.ARCHITECTURES / name
    torch.manual_seed(seed)
    config = architecture.kind(vocab_size=common.VOCABULARY, pad_token_id=common.PAD, bos_token_id=common.BOS,
                               eos_token_id=common.EOS, **({"rope_parameters": DEFAULT} | architecture.config))
    common.checkpoint(directory, config, architecture.dtype, architecture.shard)
    spell(directory, architecture, ROW)

    model = common.load(directory)
    tensors = {"base.logits": common.logits(model, ROW)}
    off = (common.logits(plain(directory, architecture), ROW) - tensors["base.logits"]).abs().max().item()
    assert off > FAR, f"{name}: a plain model is only {off} away"
    ends = common.EOS
    if name in ("llama3", "qwen3"):
        # a list of which the second ends the continuation of the base early
        written = common.greedy(model, TOKENS - 4)
        ends = [common.EOS, [token for i, token in enumerate(written) if token not in written[:i]][-1]]
        for file in ("config.json", "config.other.json", "generation_config.json"):
            common.edit(directory / file, eos_token_id=ends)
    values = {"ids": ROW, "batch": [{"ids": ids, "mask": mask} for ids, mask in BATCH], "prompt": common.PROMPT,
              "eos": ends, "base.greedy": continuation(name, model, ends),
              "base.logprobs": common.log_probabilities(model, ROW)}

    model = common.with_adapter(model, seed + 100)
    common.save_adapter(model, directory / "adapter", name)
    tensors["adapter.logits"] = common.logits(model, ROW)
    values["adapter.greedy"] = continuation(name, model, ends)
    values["adapter.logprobs"] = common.log_probabilities(model, ROW)
    batch = common.padded(BATCH)
    loss = model(**batch).loss
    loss.backward()
    values["loss"] = loss.item()
    tensors |= common.gradients(model)
    if name == "qwen3":
        values["training"] = {"rate": 1e-2, "weight_decay": 0.01} | common.train(model, batch, common.adamw(model))
        common.save_adapter(model, directory / "trained", name)
    common.write(directory, tensors, values)
    size = sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())
    assert size <= 300_000, f"{name} takes {size} bytes"
    print(f"{name}: {size} bytes, plain model {off:.2f} away, loss {loss.item():.4f}, "
          f"{len(values['base.greedy'])} and {len(values['adapter.greedy'])} tokens")


def make_all():
    for i, name in enumerate(ALL):
        make(name, SEEDS.get(name, 10 + i))
