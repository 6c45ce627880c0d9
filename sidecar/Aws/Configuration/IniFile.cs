using System.Text;

namespace RdsTunnel.Aws.Configuration;

/// <summary>One of the AWS CLI's files. A line that makes no sense is a problem of its section, and of no other.</summary>
internal sealed class IniFile
{
    /// <summary>Nobody writes one by hand that is longer; more is not read.</summary>
    private const int MaxFileBytes = 4 * 1024 * 1024;

    private readonly IniParser _parser;

    private IniFile(string path)
    {
        Path = path;
        _parser = new IniParser(path);
    }

    public string Path { get; }

    public IReadOnlyList<IniSection> Sections => _parser.Sections;

    public IReadOnlyList<ConfigurationProblem> Problems => _parser.Problems;

    /// <summary>A file that is not there has no sections; one that cannot be read has a problem besides.</summary>
    public static IniFile Read(string path)
    {
        var file = new IniFile(path);
        try
        {
            if (!File.Exists(path))
            {
                return file;
            }

            if (new FileInfo(path).Length > MaxFileBytes)
            {
                file.CannotBeRead($"it has more than {MaxFileBytes} bytes");
                return file;
            }

            // In UTF-8, or in what the mark at its beginning says.
            file._parser.Parse(File.ReadLines(path, Encoding.UTF8));
        }
        catch (UnauthorizedAccessException)
        {
            file.CannotBeRead("access to it is denied");
        }
        catch (IOException)
        {
            file.CannotBeRead("the system reports an error");
        }

        return file;
    }

    private void CannotBeRead(string why) =>
        _parser.Problems.Add(new ConfigurationProblem(Path, 0, $"{Path} cannot be read: {why}."));
}
