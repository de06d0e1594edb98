"""The product's settings, with one bare view for all its pages: what stands around both is the same."""

from housing_ach.settings import *  # noqa: F403 - these are its settings

ROOT_URLCONF = "bin.measuring.bare"
