"""Settings, all by environment, a module for each topic. `.env.example` lists every name with its meaning.

Development works with no variable set beyond DATABASE_URL and REDIS_URL; production refuses to start with a
default secret (`config.checks`). No name is set in two modules: tests/architecture/test_settings.py.
"""
# ruff: noqa: F403 - nothing is used here by name; what a topic sets, Django shall find

from config.settings.api import *
from config.settings.assembly import *
from config.settings.database import *
from config.settings.environment import *
from config.settings.files import *
from config.settings.finding import *
from config.settings.jobs import *
from config.settings.language import *
from config.settings.logs import *
from config.settings.money import *
from config.settings.people import *
from config.settings.redis import *
from config.settings.security import *
from config.settings.telling import *
from config.settings.trade import *
