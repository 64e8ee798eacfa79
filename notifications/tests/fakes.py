from notifications.channels import ChannelFailed


class BrokenPush:
    def send(self, **_):
        msg = "away"
        raise ChannelFailed(msg)
