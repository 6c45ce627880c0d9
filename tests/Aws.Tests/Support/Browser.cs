namespace RdsTunnel.Aws.Tests.Support;

/// <summary>A person at the access portal, who presses one of its buttons and follows where that leads.</summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    public Task<string> AllowAsync(Uri url) => DecideAsync(url, "allow");

    public Task<string> DenyAsync(Uri url) => DecideAsync(url, "deny");

    private async Task<string> DecideAsync(Uri url, string decision)
    {
        using var page = await _http.GetAsync(url);
        page.EnsureSuccessStatusCode();
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("decision", decision)]);
        using var end = await _http.PostAsync(url, form);
        return await end.Content.ReadAsStringAsync();
    }
}
