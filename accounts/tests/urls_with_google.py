from django.urls import include, path

from accounts.oauth import provider_urls
from config.urls import urlpatterns as ours

urlpatterns = [*ours, path("oauth/", include(provider_urls(["google", "facebook", "apple"])))]
