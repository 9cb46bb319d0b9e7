"""ImageMagick, version 6 or 7, as the independent judge."""

import math
import os
import subprocess

# Its threads wait for each other in busy loops, which takes minutes where others want the cores too.
ENVIRONMENT = {**os.environ, "MAGICK_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}


def run(command):
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


class Magick:
    def __init__(self, program):
        self.program = program
        # Version 6 has a program for each task, version 7 one for all.
        self.is_one = program.endswith("magick")

    def tool(self, name):
        if self.is_one:
            return [self.program, name]
        return [self.program.replace("convert", name)]

    def convert(self, *words):
        run([self.program, *words])

    def identify(self, path, text):
        """One line for each frame."""
        return run([*self.tool("identify"), "-quiet", "-format", text + "\n", path]).splitlines()

    def size(self, path):
        width, height = self.identify(path, "%w %h")[0].split()
        return int(width), int(height)

    def decibels(self, ours, theirs):
        """Peak signal to noise, on black or on white, whichever shows more noise."""
        # Where nothing is transparent, the ground does not matter.
        is_opaque = self.identify(ours, "%[opaque]")[0].lower() == "true"
        grounds = ("black",) if is_opaque else ("black", "white")
        return min(self.on(ground, ours, theirs) for ground in grounds)

    def on(self, ground, ours, theirs):
        flat = ["-background", ground, "-alpha", "remove", "-alpha", "off"]
        flat += ["-colorspace", "sRGB", "-type", "TrueColor"]
        pair = ["(", ours, *flat, ")", "(", theirs, *flat, ")"]
        compare = ["-metric", "RMSE", "-compare", "-format", "%[distortion]", "info:"]
        distortion = float(run([self.program, *pair, *compare]))
        return math.inf if distortion == 0 else -20 * math.log10(distortion)
