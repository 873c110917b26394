"""Rows of ids (CSR) and what the peers read of them at once."""

import numpy as np
import torch


class Rows:
    """The ids of row `r`, ascending, are `ids[offsets[r] : offsets[r + 1]]`; all below `width`."""

    def __init__(self, offsets, ids, width):
        self.offsets, self.ids, self.width = offsets, ids, width
        self.count = len(offsets) - 1

    @classmethod
    def of_pairs(cls, rows, ids, count, width):
        order = np.lexsort((ids, rows))
        offsets = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(np.bincount(rows, minlength=count), out=offsets[1:])
        return cls(torch.from_numpy(offsets), torch.from_numpy(ids[order]), width)

    def sizes(self, wanted):
        return self.offsets[wanted + 1] - self.offsets[wanted]

    def entries(self, wanted):
        """Entries of the wanted rows in order: place of the row in `wanted`, and id."""
        sizes = self.sizes(wanted)
        places = torch.repeat_interleave(torch.arange(len(wanted)), sizes)
        before = torch.cumsum(sizes, 0) - sizes
        at = torch.arange(len(places)) - before[places] + self.offsets[wanted][places]
        return places, self.ids[at]

    def flat_blocks(self, wanted, size):
        """For blocks of so many wanted rows, where their entries stand in a block's dense rows laid out end to end."""
        places, ids = self.entries(wanted)
        flat = (places % size) * self.width + ids
        per_block = [part.sum().item() for part in self.sizes(wanted).split(size)]
        return flat.split(per_block)

    def dense(self, dtype=torch.float32):
        """`[count, width]`, 1 where a row has the id."""
        out = torch.zeros(self.count, self.width, dtype=dtype)
        places, ids = self.entries(torch.arange(self.count))
        out[places, ids] = 1
        return out
