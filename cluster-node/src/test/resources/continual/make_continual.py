"""Elastic weight consolidation and replay with distillation in plain PyTorch, which ContinualParityTest repeats.

  pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
  python make_continual.py     writes the files beside this script again

Both begin with ../reference/adapter on ../reference/untied. Batches are listed, so that both sides see the same ones.

  fisher.safetensors    mean over EARLIER of the squared gradient of log p(learned tokens | those before them), one sequence at a
                        time, divided by its mean over all parameters (Kirkpatrick et al. 2017)
  ewc.safetensors       the adapter after steps on FRESH alone: mean cross-entropy of the learned tokens plus
                        lambda / 2 * sum of fisher * (theta - start)^2
  online.safetensors    decay * fisher + the normalised Fisher of FRESH under the adapter of ewc.safetensors (Schwarz et al. 2018)
  replay.safetensors    the adapter after steps on FRESH and EARLIER: mean cross-entropy of all learned tokens of a batch plus
                        weight * mean over the learned tokens of EARLIER of KL(start || adapter) (Li and Hoiem 2016)
  values.json           the settings; of every step the loss, the norm of its gradient before it was clipped to 1, and for ewc the
                        penalty in the loss
"""
import copy
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "reference"))
import common  # noqa: E402

EARLIER = [
    common.learned_from([1, 40, 77, 130, 9, 55, 201, 33, 2], 5),
    common.learned_from([1, 66, 12, 250, 2], 3),
    common.learned_from([1, 99, 98, 97, 96, 20, 21, 22, 2], 6),
]
FRESH = [
    common.learned_from([1, 40, 77, 130, 9, 60, 61, 2], 5),
    common.learned_from([1, 150, 151, 152, 17, 18, 2], 4),
    common.learned_from([1, 210, 30, 31, 180, 5, 2], 3),
    common.learned_from([1, 66, 13, 90, 91, 2], 3),
]
EWC = {"lambda": 20.0, "decay": 0.9, "rate": 5e-3, "weight_decay": 0.01,
       "batches": [[0, 1], [2, 3], [1, 2], [3, 0], [0, 2], [1, 3]]}
REPLAY = {"weight": 2.0, "rate": 5e-3, "weight_decay": 0.01,
          "batches": [[[0, 1], [0]], [[2, 3], [1, 2]], [[1], [0]], [[3, 0], [2]], [[2], [1]], [[0, 3], [0, 1]]]}


def start():
    return PeftModel.from_pretrained(common.load(HERE.parent / "reference/untied"), HERE.parent / "reference/adapter",
                                     is_trainable=True).eval()


def states(model):
    return {name: weight.detach().clone() for name, weight in common.learned(model)}


def fisher(model, rows):
    total = {name: torch.zeros_like(weight) for name, weight in common.learned(model)}
    for ids, mask in rows:
        model.zero_grad()
        batch = common.padded([(ids, mask)])
        # the loss is the mean over the learned tokens
        (-model(**batch).loss * sum(mask)).backward()
        for name, weight in common.learned(model):
            total[name] += weight.grad**2 / len(rows)
    model.zero_grad()
    mean = torch.cat([value.flatten() for value in total.values()]).mean()
    return {name: value / mean for name, value in total.items()}


def log_softmax_of_learned(model, batch):
    """[learned, V] after the tokens before the learned ones."""
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    return torch.log_softmax(logits[batch["labels"][:, 1:] != -100], dim=-1)


def step(model, optimiser, settings, loss):
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_([weight for _, weight in common.learned(model)], 1.0).item()
    optimiser.step()
    optimiser.zero_grad()
    settings["losses"].append(loss.item())
    settings["norms"].append(norm)


def optimiser_of(model, settings):
    return torch.optim.AdamW([weight for _, weight in common.learned(model)], lr=settings["rate"], betas=(0.9, 0.999), eps=1e-8,
                             weight_decay=settings["weight_decay"])


def ewc():
    model = start()
    anchor, importance = states(model), fisher(model, EARLIER)
    save_file(importance, HERE / "fisher.safetensors")
    values = copy.deepcopy(EWC) | {"losses": [], "norms": [], "penalties": []}
    optimiser = optimiser_of(model, values)
    for rows in EWC["batches"]:
        penalty = EWC["lambda"] / 2 * sum((importance[name] * (weight - anchor[name]) ** 2).sum()
                                          for name, weight in common.learned(model))
        values["penalties"].append(penalty.item())
        step(model, optimiser, values, model(**common.padded([FRESH[i] for i in rows])).loss + penalty)
    save_file(states(model), HERE / "ewc.safetensors")
    own = fisher(model, FRESH)
    save_file({name: EWC["decay"] * importance[name] + own[name] for name in own}, HERE / "online.safetensors")
    return values


def replay():
    model, parent = start(), start()
    values = copy.deepcopy(REPLAY) | {"losses": [], "norms": []}
    optimiser = optimiser_of(model, values)
    for fresh, earlier in REPLAY["batches"]:
        again = common.padded([EARLIER[i] for i in earlier])
        with torch.no_grad():
            before = log_softmax_of_learned(parent, again)
        now = log_softmax_of_learned(model, again)
        divergence = (before.exp() * (before - now)).sum(dim=-1).mean()
        loss = model(**common.padded([FRESH[i] for i in fresh] + [EARLIER[i] for i in earlier])).loss
        step(model, optimiser, values, loss + REPLAY["weight"] * divergence)
    save_file(states(model), HERE / "replay.safetensors")
    return values


def rows(data):
    return [{"ids": ids, "mask": mask} for ids, mask in data]


if __name__ == "__main__":
    torch.set_num_threads(1)
    values = {"earlier": rows(EARLIER), "fresh": rows(FRESH), "ewc": ewc(), "replay": replay()}
    (HERE / "values.json").write_text(json.dumps(values, indent=1) + "\n")
    print(values["ewc"]["losses"], values["ewc"]["penalties"], values["replay"]["losses"])
