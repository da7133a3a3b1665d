"""What the parts of the reference share: token ids, random checkpoints, a batch, and how values are taken and written."""
import json
import shutil
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoConfig, AutoModelForCausalLM

HERE = Path(__file__).resolve().parent
EMBEDDED = HERE.parents[2] / "main/resources/base"
ARCHITECTURES = HERE / "architectures"
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
VOCABULARY = 264
PAD, BOS, EOS = 0, 1, 2
PROMPT = [1, 30, 31, 32, 33, 34]


def checkpoint(directory, config, dtype, shard="1GB"):
    """Writes a checkpoint of random weights and its tokenizer; the caller sets the seed."""
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    with torch.no_grad():
        for name, weight in model.named_parameters():
            # wide enough that attention and MLP matter
            weight.copy_(1 + 0.2 * torch.randn_like(weight) if "norm" in name else 0.2 * torch.randn_like(weight))
    shutil.rmtree(directory, ignore_errors=True)
    model.to(dtype).save_pretrained(directory, max_shard_size=shard)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = ["<pad>", "<s>", "</s>"] + alphabet
    tokenizer = Tokenizer(models.BPE({name: i for i, name in enumerate(names)}, []))
    tokenizer.add_special_tokens(names[:3])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(directory / "tokenizer.json"))


def load(directory, **overrides):
    """The checkpoint in F32, whatever its files hold."""
    config = AutoConfig.from_pretrained(directory, **overrides)
    return AutoModelForCausalLM.from_pretrained(
        directory, config=config, dtype=torch.float32, attn_implementation="eager").eval()


def with_adapter(model, seed, **options):
    """A LoRA whose B is not zero, on the given model."""
    torch.manual_seed(seed)
    options = {"r": 4, "lora_alpha": 8, "lora_dropout": 0.0, "target_modules": TARGETS, "task_type": "CAUSAL_LM"} | options
    model = get_peft_model(model, LoraConfig(**options))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.copy_(0.1 * torch.randn_like(weight))
    return model


def save_adapter(model, directory, base, adapter="default"):
    """Writes a PEFT directory that names its base by a word instead of a path of this machine, lists in order. PEFT puts
    an adapter of another name than default into a folder of that name."""
    written = directory if adapter == "default" else directory / adapter
    shutil.rmtree(written, ignore_errors=True)
    model.save_pretrained(directory, selected_adapters=[adapter])
    (directory / "README.md").unlink(missing_ok=True)
    config = written / "adapter_config.json"
    lists = {key: sorted(value) for key, value in json.loads(config.read_text()).items() if isinstance(value, list)}
    edit(config, base_model_name_or_path=base, **lists)


def edit(file, **fields):
    file.write_text(json.dumps(json.loads(file.read_text()) | fields, indent=2) + "\n")


def padded(rows):
    """Batch of (ids, mask): labels are the tokens that the mask learns, -100 elsewhere."""
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.full((len(rows), longest), PAD)
    labels = torch.full((len(rows), longest), -100)
    attention = torch.zeros((len(rows), longest), dtype=torch.long)
    for i, (row, mask) in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        labels[i, : len(row)] = torch.where(torch.tensor(mask).bool(), torch.tensor(row), -100)
        attention[i, : len(row)] = 1
    return {"input_ids": ids, "labels": labels, "attention_mask": attention}


def learned_from(ids, first):
    return ids, [int(i >= first) for i in range(len(ids))]


def logits(model, row):
    with torch.no_grad():
        return model(torch.tensor([row])).logits[0].contiguous()


def log_probabilities(model, row):
    """Of each token after the first, given those before it."""
    scores = torch.log_softmax(logits(model, row)[:-1], dim=-1)
    return scores.gather(1, torch.tensor(row[1:])[:, None])[:, 0].tolist()


def greedy(model, tokens, ends=EOS, cache=True):
    with torch.no_grad():
        out = model.generate(torch.tensor([PROMPT]), attention_mask=torch.ones(1, len(PROMPT), dtype=torch.long),
                             do_sample=False, max_new_tokens=tokens, eos_token_id=ends, pad_token_id=PAD, use_cache=cache)
    written = out[0, len(PROMPT):].tolist()
    ends = [ends] if isinstance(ends, int) else ends
    return written[:-1] if written[-1] in ends else written


def learned(model):
    return [(name.replace(".default", ""), weight) for name, weight in model.named_parameters() if weight.requires_grad]


def gradients(model):
    return {"gradient." + name: weight.grad.clone() for name, weight in learned(model)}


def train(model, batch, optimiser, steps=20):
    """Losses and gradient norms (before clipping to 1) of some optimiser steps."""
    losses, norms = [], []
    for _ in range(steps):
        optimiser.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_([w for _, w in learned(model)], 1.0).item())
        optimiser.step()
        losses.append(loss.item())
    return {"losses": losses, "norms": norms}


def adamw(model):
    return torch.optim.AdamW([w for _, w in learned(model)], lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)


def write(directory, tensors, values):
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, directory / "values.safetensors")
    (directory / "values.json").write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n")
