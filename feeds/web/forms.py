from django import forms


class PlaceForm(forms.Form):
    """A new middle, by name or by a coarse point, or a new radius around the one that stands."""

    neighborhood = forms.SlugField(required=False, max_length=80)
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180)
    radius_km = forms.IntegerField(required=False, min_value=1, max_value=50)
