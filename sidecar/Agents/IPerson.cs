namespace RdsTunnel.Agents;

/// <summary>The person behind an agent.</summary>
public interface IPerson
{
    /// <summary>The agent's client can show a question.</summary>
    bool CanBeAsked { get; }

    /// <summary>How it is asked, for the log.</summary>
    string How => "asked";

    Task<Answer> AskAsync(AgentQuestion question, CancellationToken cancellationToken);
}

/// <param name="Text">Lines of text without what a terminal would obey.</param>
/// <param name="IsBroad">More than a tunnel to a database that AWS lists: any other address, or a sign-in with somebody's rights.</param>
public sealed record AgentQuestion(string Text, bool IsBroad);

public enum Answer
{
    No,

    /// <summary>This time.</summary>
    Yes,

    /// <summary>And for the same question again, as long as this process runs.</summary>
    YesFromNowOn,
}
