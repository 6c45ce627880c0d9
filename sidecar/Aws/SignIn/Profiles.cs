using System.Text;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Files;
using RdsTunnel.Faults;

namespace RdsTunnel.Aws.SignIn;

/// <inheritdoc cref="IProfiles"/>
internal sealed class Profiles(SettingsResolver resolver, SsoSignIn signIn, SsoTokens tokens, Func<string, string?> environment) : IProfiles
{
    private const string AnyRegion = "us-east-1"; // nobody is asked there

    private readonly Lock _writing = new();

    public ProfileList List()
    {
        var files = resolver.Files();
        Profile[] profiles = [.. files.ProfileNames.Select(name => Describe(files, name))];
        var sections = files.SsoSessionNames.Select(name => Try(() => SsoSettings.OfSession(files, name))).OfType<SsoSettings>();
        var inProfiles = profiles
            .Where(profile => profile is { Kind: ProfileKind.Sso, SsoSession: null, Problem: null })
            .Select(profile => SsoSettings.Of(files, files.Find(profile.Name)!));
        return new ProfileList(profiles, [.. sections.Concat(inProfiles).Distinct().Select(signIn.Describe)], [.. files.Problems]);
    }

    public Profile Create(NewProfile profile)
    {
        lock (_writing)
        {
            var files = resolver.Files();
            if (files.ProfileNames.Contains(profile.Name, StringComparer.Ordinal))
            {
                throw new AwsException(AwsErrorCode.InvalidRequest, $"The profile \"{profile.Name}\" already exists. Choose another name.");
            }

            var session = SsoSettings.Of(files, profile.Sso);
            // A line break in one of them would write another setting, or another section.
            if (
                new[] { profile.Name, profile.AccountId, profile.RoleName, profile.Region, session.StartUrl, session.Region }.Any(value =>
                    value.Any(char.IsControl)
                )
            )
            {
                throw new AwsException(
                    AwsErrorCode.InvalidRequest,
                    "A value of the new profile has a line break or another control character in it."
                );
            }

            Append(files.ConfigPath, Text(files, profile, session));
            files = resolver.Files();
            if (session.Name is null)
            {
                tokens.Adopt(SsoSettings.Of(files, new SsoReference(profile.Name)), session);
            }

            return Describe(files, profile.Name);
        }
    }

    private Profile Describe(SharedFiles files, string name)
    {
        try
        {
            var profile = files.Find(name)!;
            var region = profile["region"] is { } named && RegionName.IsOne(named) ? named : null;
            return new CredentialSources(() => files, environment, region ?? AnyRegion).Of(name) switch
            {
                CredentialSource.Instance { Otherwise: { } otherwise } => new(name, ProfileKind.None, false, region, Problem: otherwise),
                CredentialSource.IdentityCenter { Session: var session } center => new(
                    name,
                    ProfileKind.Sso,
                    !tokens.IsSignedIn(session),
                    region,
                    session.Name,
                    session.StartUrl,
                    center.AccountId,
                    center.RoleName
                ),
                CredentialSource.Role role => new(
                    name,
                    ProfileKind.AssumeRole,
                    NeedsSignIn(role.With),
                    region,
                    AccountId: AccountOf(role.Settings),
                    RoleName: RoleNameOf(role.Settings)
                ),
                CredentialSource.WebIdentity web => new(
                    name,
                    ProfileKind.WebIdentity,
                    false,
                    region,
                    AccountId: AccountOf(web.Settings),
                    RoleName: RoleNameOf(web.Settings)
                ),
                CredentialSource.Program => new(name, ProfileKind.Process, false, region),
                CredentialSource.Login => new(name, ProfileKind.Login, false, region),
                _ => new(name, ProfileKind.StaticKeys, false, region),
            };
        }
        catch (AwsException e)
        {
            return new(
                name,
                e.Code == AwsErrorCode.CredentialsMissing ? ProfileKind.None : KindOfBroken(files, name),
                false,
                Problem: e.Message
            );
        }
    }

    private static ProfileKind KindOfBroken(SharedFiles files, string name) =>
        Try(() => files.Find(name)) switch
        {
            { } profile when profile.Text("role_arn") is not null => ProfileKind.AssumeRole,
            { } profile when profile.Text("sso_session") is not null || profile.Text("sso_start_url") is not null => ProfileKind.Sso,
            { } profile when StaticKeys.AreIn(profile) => ProfileKind.StaticKeys,
            _ => ProfileKind.None,
        };

    private bool NeedsSignIn(CredentialSource source) =>
        source switch
        {
            CredentialSource.IdentityCenter center => !tokens.IsSignedIn(center.Session),
            CredentialSource.Role role => NeedsSignIn(role.With),
            _ => false,
        };

    // arn:aws:iam::123456789012:role/path/Name
    private static string? AccountOf(RoleSettings role) =>
        role.Arn.Split(':') is [_, _, _, _, { Length: > 0 } account, ..] ? account : null;

    private static string? RoleNameOf(RoleSettings role) => role.Arn.LastIndexOf('/') is var slash and > 0 ? role.Arn[(slash + 1)..] : null;

    private static string Text(SharedFiles files, NewProfile profile, SsoSettings session)
    {
        var text = new StringBuilder();
        var name =
            session.Name
            ?? files.SsoSessionNames.FirstOrDefault(known =>
                Try(() => SsoSettings.OfSession(files, known)) is { } same
                && same.StartUrl == session.StartUrl
                && same.Region == session.Region
            );
        if (name is null)
        {
            name = NewSessionName(files, session);
            text.Append($"\n[sso-session {Quoted(name)}]\nsso_start_url = {session.StartUrl}\nsso_region = {session.Region}\n")
                .Append($"sso_registration_scopes = {SsoSettings.DefaultScopes}\n");
        }

        return text.Append($"\n[profile {Quoted(profile.Name)}]\nsso_session = {name}\nsso_account_id = {profile.AccountId}\n")
            .Append($"sso_role_name = {profile.RoleName}\nregion = {profile.Region}\n")
            .ToString();
    }

    // A name of several words stands in quotes, in which a quote or a backslash is escaped.
    private static string Quoted(string name) =>
        ShellWords.Split(name) is [var word] && word == name
            ? name
            : $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    // https://acme.awsapps.com/start becomes acme.
    private static string NewSessionName(SharedFiles files, SsoSettings session)
    {
        var wanted = new Uri(session.StartUrl).Host.Split('.')[0];
        var taken = files.SsoSessionNames.ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(1, taken.Count + 1).Select(i => i == 1 ? wanted : $"{wanted}-{i}").First(name => !taken.Contains(name));
    }

    // What stands in the file is not touched, whatever happens; one that does not end in a line break gets one.
    private static void Append(string path, string text)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                BufferSize = 0,
            };
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            }
            else
            {
                Directory.CreateDirectory(
                    Path.GetDirectoryName(path)!,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                );
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new FileStream(path, options);
            // A pipe takes what is written, and keeps nothing.
            Append(file.CanSeek ? file : throw new UnreadableFileException("it isn't a regular file"), text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new AwsException(AwsErrorCode.ConfigurationInvalid, $"Couldn't write the profile to {path}: {SafeText.Describe(e)}.");
        }
    }

    private static void Append(FileStream file, string text)
    {
        if (file.ReadByte() is 0xFE or 0xFF)
        {
            throw new UnreadableFileException("the file is UTF-16. Save it as UTF-8");
        }

        var length = file.Length;
        var endsInLine = length == 0;
        if (!endsInLine)
        {
            file.Seek(-1, SeekOrigin.End);
            endsInLine = file.ReadByte() == '\n';
        }

        try
        {
            file.Seek(0, SeekOrigin.End);
            file.Write(Encoding.UTF8.GetBytes((endsInLine ? "" : "\n") + (length == 0 ? text.TrimStart('\n') : text)));
            file.Flush(flushToDisk: true);
        }
        catch
        {
            // The disk is full, say: half of a profile would make the file unreadable for other programs.
            file.SetLength(length);
            throw;
        }
    }

    private static T? Try<T>(Func<T> read)
        where T : class?
    {
        try
        {
            return read();
        }
        catch (AwsException)
        {
            // Its problem is told where the profile or the session is.
            return null;
        }
    }
}
