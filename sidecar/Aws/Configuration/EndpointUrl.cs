namespace RdsTunnel.Aws.Configuration;

/// <summary>The address of a service that somebody has configured.</summary>
internal static class EndpointUrl
{
    /// <param name="source">Where it stands, for people.</param>
    /// <exception cref="AwsException">It is not the address of an endpoint.</exception>
    public static Uri? Parse(string? text, string source) =>
        text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) ? Checked(url, source)
        : throw Refused(source);

    /// <inheritdoc cref="Parse"/>
    public static Uri Checked(Uri url, string source)
    {
        // Over plain HTTP the answer to StartSession would carry the session's token in clear text: only on this machine.
        var usable =
            url.IsAbsoluteUri
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
            && url.UserInfo.Length == 0
            && url.Query.Length == 0
            && url.Fragment.Length == 0;
        return usable ? url : throw Refused(source);
    }

    private static AwsException Refused(string source) =>
        new(
            AwsErrorCode.ConfigurationInvalid,
            $"{source} isn't a valid endpoint URL. Use an https URL (http only for this computer) without user name, query or fragment."
        );
}
