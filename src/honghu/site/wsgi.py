"""The WSGI application that granian or any other server runs."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "honghu.site.settings")
application = get_wsgi_application()

# Every page is imported now, for which the first visitor would wait a second. What stands then is
# never rubbish: left to the collector, each full round would walk through some 200,000 objects, and
# every thread of the process would wait an eighth of a second for it.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
