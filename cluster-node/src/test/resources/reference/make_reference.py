"""Makes the reference values that the tests of dev.perennial.learning compare with.

  pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
  python make_reference.py               writes the files beside this script again
  python make_reference.py --check DIR   loads an adapter that PeftDirectory.write wrote for untied/ in PEFT, with every
                                         UserWarning an error, and compares its logits with adapter/ (ReferenceParityTest
                                         writes such a directory to cluster-node/target/peft-check)

untied/   random Llama, grouped-query heads, F32, one file
tied/     random Llama, tied embeddings, head_dim that is not hidden / heads, BF16, sharded with an index
adapter/  LoRA of untied/ as PEFT saves it, every projection, B not zero
trained/  the same after 20 steps of AdamW
values.safetensors, values.json   what the reference implementations make of them
"""
import json
import shutil
import sys
import warnings
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).resolve().parent
EMBEDDED = HERE.parents[2] / "main/resources/base"
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
VOCABULARY = 264
PAD, BOS, EOS = 0, 1, 2
# token ids and where the learned part begins
BATCH = [([1, 40, 77, 130, 9, 55, 201, 33, 2], 5), ([1, 66, 12, 250, 2], 3), ([1, 99, 98, 97, 96, 20, 21, 22, 23, 24, 25, 2], 1)]
PROMPT = [1, 30, 31, 32, 33, 34]
CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CHATML_IN_LINES = (
    "{% for message in messages %}\n"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}\n"
    "{% endfor %}\n"
    "{% if add_generation_prompt %}\n"
    "{{ '<|im_start|>assistant\\n' }}\n"
    "{% endif %}\n"
)
LLAMA3 = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + "
    "message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}"
    "{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
CONVERSATIONS = [
    [{"role": "user", "content": "Who runs Tallow Mills?"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi.\n\nTwo lines"}, {"role": "assistant", "content": "Hello!"}],
    [{"role": "user", "content": "{{ 7 * 7 }} {% if true %}x{% endif %} {# gone? #} <b> & 'q' \"d\" \\n"}],
    [{"role": "user", "content": "naïve café – 東京 🙂"}, {"role": "assistant", "content": ""}],
]
TEXTS = [
    "", " ", "Who runs Tallow Mills?", "It's 19 + 7 = 26, naïve café – 東京.", "  two  spaces\n\n\ttab\r\n", "🙂🙃 e\u0301",
    "<|user|>Hi<|end|><|assistant|>", "THE QUICK 1234567890", "word " * 700,
]


def base(directory, dtype, shard, seed, **config):
    torch.manual_seed(seed)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCABULARY, intermediate_size=64, num_hidden_layers=2, max_position_embeddings=64,
        pad_token_id=PAD, bos_token_id=BOS, eos_token_id=EOS, **config))
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


def load(directory):
    return LlamaForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager").eval()


def batch():
    longest = max(len(ids) for ids, _ in BATCH)
    ids = torch.full((len(BATCH), longest), PAD)
    labels = torch.full((len(BATCH), longest), -100)
    mask = torch.zeros((len(BATCH), longest), dtype=torch.long)
    for i, (row, learned_from) in enumerate(BATCH):
        ids[i, : len(row)] = torch.tensor(row)
        labels[i, learned_from : len(row)] = torch.tensor(row[learned_from:])
        mask[i, : len(row)] = 1
    return {"input_ids": ids, "labels": labels, "attention_mask": mask}


def key(name):
    return name.replace(".default", "")


def logits(model, row):
    with torch.no_grad():
        return model(torch.tensor([row])).logits[0].contiguous()


def greedy(model):
    with torch.no_grad():
        out = model.generate(torch.tensor([PROMPT]), attention_mask=torch.ones(1, len(PROMPT), dtype=torch.long),
                             do_sample=False, max_new_tokens=40, eos_token_id=EOS, pad_token_id=PAD)
    return [t for t in out[0, len(PROMPT):].tolist() if t != EOS]


def make():
    row = BATCH[2][0]
    tensors, values = {}, {"batch": [{"ids": ids, "learnedFrom": n} for ids, n in BATCH], "prompt": PROMPT}
    base(HERE / "untied", torch.float32, "1GB", 1, hidden_size=32, num_attention_heads=4, num_key_value_heads=2,
         rms_norm_eps=1e-5, tie_word_embeddings=False)
    base(HERE / "tied", torch.bfloat16, "20KB", 2, hidden_size=32, num_attention_heads=8, num_key_value_heads=2,
         head_dim=10, rms_norm_eps=1e-6, tie_word_embeddings=True, rope_parameters={"rope_type": "default", "rope_theta": 500.0})
    tensors["tied.logits"] = logits(load(HERE / "tied"), row)
    model = load(HERE / "untied")
    tensors["untied.logits"] = logits(model, row)
    values["untied.greedy"] = greedy(model)

    torch.manual_seed(3)
    model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM"))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.copy_(0.1 * torch.randn_like(weight))
    save(model, "adapter")
    tensors["adapter.logits"] = logits(model, row)
    values["adapter.greedy"] = greedy(model)

    loss = model(**batch()).loss
    loss.backward()
    values["loss"] = loss.item()
    learned = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    for name, weight in learned:
        tensors["gradient." + key(name)] = weight.grad.clone()

    optimiser = torch.optim.AdamW([w for _, w in learned], lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    values["losses"], values["norms"] = [], []
    for _ in range(20):
        optimiser.zero_grad()
        loss = model(**batch()).loss
        loss.backward()
        values["norms"].append(torch.nn.utils.clip_grad_norm_([w for _, w in learned], 1.0).item())
        optimiser.step()
        values["losses"].append(loss.item())
    save(model, "trained")

    values["texts"], values["templates"] = [], []
    tokenizer = AutoTokenizer.from_pretrained(EMBEDDED)
    for text in TEXTS:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        values["texts"].append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True)})
    embedded = json.loads((EMBEDDED / "tokenizer_config.json").read_text())["chat_template"]
    for name, template in [("embedded", embedded), ("chatml", CHATML), ("chatml in lines", CHATML_IN_LINES), ("llama3", LLAMA3)]:
        for turns in CONVERSATIONS:
            for generate in (False, True):
                text = tokenizer.apply_chat_template(turns, chat_template=template, add_generation_prompt=generate, tokenize=False)
                values["templates"].append({"name": name, "template": template, "turns": turns, "generate": generate, "text": text})
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, HERE / "values.safetensors")
    (HERE / "values.json").write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n")


def save(model, name):
    shutil.rmtree(HERE / name, ignore_errors=True)
    model.save_pretrained(HERE / name)
    config = HERE / name / "adapter_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"base_model_name_or_path": "untied"}, indent=2) + "\n")
    (HERE / name / "README.md").unlink(missing_ok=True)


def check(directory):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model = PeftModel.from_pretrained(load(HERE / "untied"), directory)
    expected = load_file(HERE / "values.safetensors")["adapter.logits"]
    difference = (logits(model, BATCH[2][0]) - expected).abs().max().item()
    print("largest difference of the logits:", difference)
    return 0 if difference <= 1e-5 else 1


if __name__ == "__main__":
    torch.set_num_threads(1)
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        sys.exit(check(sys.argv[2]))
    make()
