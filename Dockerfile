# syntax=docker/dockerfile:1
# One image for web, realtime, relay, worker, beat and migrate; a second, small one for nginx with the static files.
# Debian 12 is what `./souk test` runs on, so what was tested is what is shipped.

FROM python:3.11-slim-bookworm AS packages
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm AS app
# GDAL, GEOS and PROJ for GeoDjango; ffmpeg for clips; nothing that listens.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgdal32 libgeos-c1v5 libproj25 libpangoft2-1.0-0 libharfbuzz-subset0 ffmpeg tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 souk && useradd --uid 10001 --gid souk --no-create-home --shell /usr/sbin/nologin souk \
    && install -d -o souk -g souk /srv/souk /srv/media /srv/media/public /srv/media/private /srv/static
ENV PATH=/opt/venv/bin:$PATH LC_ALL=C.UTF-8 PYTHONUTF8=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings SOUK_READ_DOTENV=0 STATIC_ROOT=/srv/static MEDIA_ROOT=/srv/media
WORKDIR /srv/souk
COPY --from=packages /opt/venv /opt/venv
COPY . .
# Needs no secret: outside production the settings have defaults, and nothing of them is written into the files.
RUN for po in locale/*/LC_MESSAGES/*.po; do [ ! -e "$po" ] || pybabel --quiet compile -i "$po" -o "${po%.po}.mo"; done \
    && python manage.py collectstatic --no-input --verbosity 0 \
    && (python -m compileall -q -j 0 /srv/souk /opt/venv/lib || true)
USER souk
ENTRYPOINT ["tini", "--"]
CMD ["granian", "--interface", "wsgi", "config.wsgi:application", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "2", "--no-ws"]

FROM nginxinc/nginx-unprivileged:1.28-alpine AS proxy
COPY --from=app /srv/static /srv/static
COPY deploy/nginx/site.conf.template /etc/nginx/templates/default.conf.template
# Fill in the SOUK_ names only, never nginx's own.
ENV NGINX_ENVSUBST_FILTER=^SOUK_
