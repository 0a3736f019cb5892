"""OASIS's medallion with its memory back end over a file of objects, on the port that is given. Prints one line when it listens."""
import logging
import sys

from medallion import application_instance, register_blueprints, set_config
from werkzeug.serving import make_server

logging.disable(logging.CRITICAL)
path, port = sys.argv[1], int(sys.argv[2])
config = {
    'backend': {'module': 'medallion.backends.memory_backend', 'module_class': 'MemoryBackend', 'filename': path},
    'users': {'bench': 'bench'}, 'taxii': {'max_page_size': 1000},
}
with application_instance.app_context():
    set_config(application_instance, 'users', config)
    set_config(application_instance, 'taxii', config)
    set_config(application_instance, 'backend', config)
register_blueprints(application_instance)
server = make_server('127.0.0.1', port, application_instance, threaded=True)
print('listening', flush=True)
server.serve_forever()
