using System.Text;
using RdsTunnel.Aws.Files;

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
            if (BoundedFile.Read(path, MaxFileBytes) is { } bytes)
            {
                // In UTF-8, or in what the mark at its beginning says.
                using var text = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
                file._parser.Parse(LinesOf(text));
            }
        }
        catch (UnreadableFileException e)
        {
            file._parser.Problems.Add(new ConfigurationProblem(path, 0, $"{path} cannot be read: {e.Message}."));
        }

        return file;
    }

    private static IEnumerable<string> LinesOf(StreamReader text)
    {
        while (text.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
