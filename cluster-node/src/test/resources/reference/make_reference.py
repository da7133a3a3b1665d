"""Makes the reference values that the tests of dev.perennial.learning compare with.

  pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2 trl==1.16.0
  python make_reference.py [PART...]     writes the files beside this script again: llama, architectures, options,
                                         preferences; all unless some are named
  python make_reference.py --check DIR   loads adapters that PeftDirectory.write wrote in PEFT, with every UserWarning an
                                         error, and compares their logits with those of the adapters that they were read from:
                                         DIR itself with adapter/, DIR/A/B with A/B (the tests write such directories to
                                         cluster-node/target/peft-check)

Part llama, in this script:
untied/   random Llama, grouped-query heads, F32, one file
tied/     random Llama, tied embeddings, head_dim that is not hidden / heads, BF16, sharded with an index
adapter/  LoRA of untied/ as PEFT saves it, every projection, B not zero
trained/  the same after 20 steps of AdamW
values.safetensors, values.json   what the reference implementations make of them
The other parts each have a script of their name, which says what it writes.
"""
import json
import sys
import warnings
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoTokenizer, LlamaConfig

import architectures
import common
import options
import preferences
from common import HERE, PROMPT, greedy, learned_from, load, logits, padded, save_adapter

# token ids and where the learned part begins
BATCH = [([1, 40, 77, 130, 9, 55, 201, 33, 2], 5), ([1, 66, 12, 250, 2], 3), ([1, 99, 98, 97, 96, 20, 21, 22, 23, 24, 25, 2], 1)]
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
    common.checkpoint(directory, LlamaConfig(
        vocab_size=common.VOCABULARY, intermediate_size=64, num_hidden_layers=2, max_position_embeddings=64,
        pad_token_id=common.PAD, bos_token_id=common.BOS, eos_token_id=common.EOS, **config), dtype, shard)


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
    values["untied.greedy"] = greedy(model, 40)

    model = common.with_adapter(model, 3)
    save_adapter(model, HERE / "adapter", "untied")
    tensors["adapter.logits"] = logits(model, row)
    values["adapter.greedy"] = greedy(model, 40)

    batch = padded([learned_from(*row) for row in BATCH])
    loss = model(**batch).loss
    loss.backward()
    values["loss"] = loss.item()
    tensors |= common.gradients(model)
    values |= common.train(model, batch, common.adamw(model))
    save_adapter(model, HERE / "trained", "untied")

    values["texts"], values["templates"] = [], []
    tokenizer = AutoTokenizer.from_pretrained(common.EMBEDDED)
    for text in TEXTS:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        values["texts"].append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True)})
    embedded = json.loads((common.EMBEDDED / "tokenizer_config.json").read_text())["chat_template"]
    for name, template in [("embedded", embedded), ("chatml", CHATML), ("chatml in lines", CHATML_IN_LINES), ("llama3", LLAMA3)]:
        for turns in CONVERSATIONS:
            for generate in (False, True):
                text = tokenizer.apply_chat_template(turns, chat_template=template, add_generation_prompt=generate, tokenize=False)
                values["templates"].append({"name": name, "template": template, "turns": turns, "generate": generate, "text": text})
    common.write(HERE, tensors, values)


def check(directory):
    """How many written adapters PEFT reads otherwise than the ones that they were read from."""
    wrong = 0
    found = sorted(file.parent for file in Path(directory).rglob("adapter_config.json"))
    for written in found:
        name = written.relative_to(directory)
        original = HERE / ("adapter" if name == Path(".") else name)
        base_name = json.loads((original / "adapter_config.json").read_text())["base_model_name_or_path"]
        base_directory = HERE / base_name if (HERE / base_name).exists() else common.ARCHITECTURES / base_name
        expected = logits(PeftModel.from_pretrained(load(base_directory), original), architectures.ROW)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            model = PeftModel.from_pretrained(load(base_directory), written)
        difference = (logits(model, architectures.ROW) - expected).abs().max().item()
        print(f"{name}: largest difference of the logits {difference}")
        wrong += difference > 1e-5
    print(f"{len(found)} adapters, {wrong} of them wrong")
    return wrong if found else 1


PARTS = {"llama": make, "architectures": architectures.make_all, "options": options.make_all,
         "preferences": preferences.make_all}

if __name__ == "__main__":
    torch.set_num_threads(1)
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        sys.exit(min(1, check(sys.argv[2])))
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
